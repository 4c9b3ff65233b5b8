"""Proving a thing: the ladder run on the real device, what people's own orders have shown, and noticing drift."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace

import anyio
from anyio.abc import TaskStatus

from claw.adapters import verify
from claw.adapters.adapter import Adapter
from claw.devices.bindings import REMEMBERING
from claw.devices.consumed import ConsumedThing
from claw.devices.grades import graded
from claw.devices.registry import Registry
from claw.devices.things import Things
from claw.errors import DeviceOffline, DeviceTimeout
from claw.model.affordance import Property
from claw.model.context import Context
from claw.model.json import Json
from claw.model.level import Level, Receipt


class Live:
    """A consumed thing as the ladder wants to see it. Its orders are journalled like all others."""

    def __init__(self, thing: ConsumedThing, context: Context) -> None:
        self._thing = thing
        self._context = context
        self.silent = False  # a wire that only remembers has heard nothing yet: that proves nothing, either way

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it is."""
        return self._thing.thing.capabilities

    @property
    def properties(self) -> Mapping[str, Property]:
        """What it offers."""
        return self._thing.thing.properties

    async def read(self, *names: str) -> Mapping[str, Json]:
        """Human values; what the device does not say is left out."""
        if not names:
            return {}
        try:
            found = await self._thing.read(*names, context=self._context)
        except DeviceTimeout:
            self.silent = self._thing.wiring.adapter.binding in REMEMBERING
            raise
        return {name: each.value for name, each in found.items()}

    async def write(self, name: str, value: Json) -> object:
        """Send a value, and wait for it to show."""
        return await self._thing.write(name, value, self._context, confirmed=True, trial=True)


class Proof:
    """Runs the ladder on things of the registry."""

    def __init__(self, registry: Registry, things: Things) -> None:
        self._registry = registry
        self._things = things
        self._static: dict[str, tuple[Adapter, tuple[Receipt, ...]]] = {}

    def static(self, adapter: Adapter) -> tuple[Receipt, ...]:
        """Receipts for what can be proved without the device; done once for each adapter."""
        known = self._static.get(adapter.id)
        if known is None or known[0] is not adapter:
            known = self._static[adapter.id] = (adapter, verify.static(adapter))
        return known[1]

    async def prove(self, id_: str, context: Context, *, named: bool = False) -> tuple[Receipt, ...]:
        """Rung 4, and rung 5 where the thing's consent allows; `named`: it was this very thing that was meant.

        The new receipts; the thing is graded by them. Raises NotFound.
        """
        thing = self._things.get(id_)
        consented = thing.thing.consented
        consent = verify.Consent(harmless=consented, named=consented and named)
        probe = Live(thing, context)
        receipts = await verify.live(probe, consent)
        if probe.silent:
            receipts = tuple(receipt for receipt in receipts if receipt.passed)
        # a rung that was climbed again counts as it was found now; one that was not keeps what it had
        climbed = {receipt.level for receipt in receipts}
        before = tuple(receipt for receipt in thing.thing.receipts if receipt.level not in climbed)
        await self._registry.put_thing(graded(replace(thing.thing, receipts=before), receipts), context)
        return receipts

    async def canary(self, id_: str, context: Context) -> tuple[Receipt, ...]:
        """Read what could be read before; drift (an update changed the device's answers) lowers the level.

        Receipts of what no longer reads; none when all is well, or when nobody is there to ask. Raises NotFound.
        """
        thing = self._things.get(id_)
        before = {
            receipt.property: receipt
            for receipt in thing.thing.receipts
            if receipt.level is Level.LIVE_READ and receipt.property in thing.thing.properties
        }
        try:
            found = await thing.read(*before, context=context) if before else {}
        except (DeviceOffline, DeviceTimeout):
            return ()
        except Exception as error:  # noqa: BLE001 - whatever it says instead of its values is drift
            found, why = {}, str(error)
        else:
            why = "no longer says what it said before"
        now = time.time()
        healed = [
            replace(old, passed=True, at=now) for name, old in before.items() if name in found and not old.passed
        ]
        drifted = tuple(
            Receipt(Level.LIVE_READ, passed=False, detail=why, at=now, property=name)
            for name, old in before.items()
            if name not in found and old.passed and had_value(old)
        )
        if healed or drifted:
            await self._registry.put_thing(graded(thing.thing, (*healed, *drifted)), context)
        return drifted

    async def run(
        self, *, every: float = 6 * 3600, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED
    ) -> None:
        """Send the canary to every thing once in `every` seconds, evenly spread, until cancelled."""
        task_status.started()
        while True:
            ids = tuple(self._registry.things)
            for id_ in ids or ("",):
                await anyio.sleep(every / max(1, len(ids)))
                if id_ in self._registry.things:
                    await self.canary(id_, Context.new("canary"))


def had_value(receipt: Receipt) -> bool:
    """Whether the property had a value when it was proved: an absent one cannot go missing."""
    return receipt.detail.startswith("reads ")
