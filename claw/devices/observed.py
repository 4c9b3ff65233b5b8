"""The reading half of a consumed Thing: one exchange serves every property it carries."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass

import anyio

from claw.bus import Bus
from claw.devices.bindings import Bindings
from claw.devices.effects import cut_off, no_answer
from claw.devices.readback import News
from claw.devices.registry import Registry
from claw.devices.wiring import ONLINE, Exchange, Wiring
from claw.errors import AdapterError, ClawError, CodecError, DeviceError, DeviceOffline, DeviceTimeout, NotFound
from claw.model.affordance import Property
from claw.model.context import Context
from claw.model.json import Json
from claw.model.reading import Moment, Reading, Source
from claw.model.thing import Thing
from claw.protocols.binding import DEFAULT_TIMEOUT
from claw.state import State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a consumed thing lives among. `timeout`: seconds for one exchange, twice over."""

    registry: Registry
    bindings: Bindings
    state: State
    bus: Bus
    timeout: float = DEFAULT_TIMEOUT


class ObservedThing:
    """One thing, as far as it can be looked at."""

    def __init__(self, id_: str, around: Surroundings, limit: anyio.Semaphore) -> None:
        self.id = id_
        self._around = around
        self._limit = limit
        self._news: dict[str, list[News]] = {}
        self._wiring: Wiring | None = None
        self._reachable: bool | None = None  # what its bridge said last; None: it has not been asked
        self._asked_at = 0.0  # when that was so, on the monotonic clock

    @property
    def thing(self) -> Thing:
        """What the registry knows of it now. Raises NotFound after it has left."""
        try:
            return self._around.registry.things[self.id]
        except KeyError:
            raise NotFound(f"No thing is called {self.id!r}.") from None

    @property
    def wiring(self) -> Wiring:
        """How it hangs on its wire now. Raises AdapterError, or NotFound for a device that was forgotten."""
        registry, thing = self._around.registry, self.thing
        adapter = registry.adapters.get(thing.adapter_id)
        if adapter is None:
            why = registry.adapter_problems.get(thing.adapter_id, "it is not installed")
            raise AdapterError(f"The adapter of {thing.title} cannot be used: {why}")
        device = registry.devices.get(thing.device_id)
        if device is None:
            raise NotFound(f"The device of {thing.title} is no longer known; adopt it again.")
        if self._wiring is None or not self._wiring.fits(thing, adapter, device):
            self._wiring = Wiring(thing, adapter, device)
        return self._wiring

    async def read(self, *names: str, context: Context, source: Source = Source.READ) -> Mapping[str, Reading]:
        """Fresh readings of `names` (of everything, when none is given); what cannot be decoded is left out.

        Raises the DeviceError family, NotFound, and, when nothing at all came of it, the CodecError. What a bridge
        remembers of a unit that it cannot reach is no reading: DeviceOffline.
        """
        for name in names:
            self._property(name)
        wiring = self.wiring
        found: dict[str, Reading] = {}
        errors: list[ClawError] = []

        async def fetch(exchange: Exchange) -> None:
            try:
                taken = await self._fetch(exchange, context, source)
            except DeviceError as error:
                errors.append(error)
                return
            found.update({name: value for name, value in taken.items() if isinstance(value, Reading)})
            # what else the answer could not tell is nobody's question here
            errors.extend(told for name in names or taken if isinstance(told := taken.get(name), CodecError))

        exchanges = wiring.reads(names or None)
        if len(exchanges) == 1:
            await fetch(exchanges[0])
        else:
            async with anyio.create_task_group() as group:
                for exchange in exchanges:
                    group.start_soon(fetch, exchange)
        offline = next((error for error in errors if isinstance(error, DeviceOffline)), None)
        if offline is not None and source is Source.READ:
            raise DeviceOffline(await self.gone(context)) from offline
        if self.cut_off:
            raise DeviceOffline(cut_off(self.thing))
        wanted = {name: found[name] for name in names if name in found} if names else found
        if not wanted and errors:
            raise errors[0]
        return wanted

    async def ask(self, exchange: Exchange) -> tuple[Json, Moment]:
        """The answer to one exchange, and the moment from which it holds. Raises the DeviceError family."""
        binding = self._around.bindings.wire(self.wiring.adapter.binding)
        async with self._limit:
            when = Moment.now()  # what the device says was true no earlier than we asked
            return await self._bounded(binding.read(exchange.target)), when

    async def absorb(
        self, names: Iterable[str], payload: Json, when: Moment, source: Source, context: Context
    ) -> Mapping[str, Reading | CodecError]:
        """Take in an answer or a push that carries `names`; what each property came to.

        While its bridge cannot reach the unit nothing is taken: the values are what the bridge remembers.
        """
        result: dict[str, Reading | CodecError] = {}
        pushed = source is Source.PUSH
        verdict = self.wiring.reachable(names, payload, pushed=pushed)
        if verdict is not None and when.tick >= self._asked_at:
            self._reachable, self._asked_at = verdict, when.tick
        if self.cut_off:
            told = cut_off(self.thing)
            await self._around.registry.set_online(self.id, online=False, context=context, reason=told)
            return result
        for name, value in self.wiring.values(names, payload, pushed=pushed).items():
            if isinstance(value, CodecError):
                result[name] = value
                continue
            reading = Reading(value, when.at, source, when.tick)
            result[name] = reading
            self._around.state.record(self.id, name, reading, context)
            if pushed:
                for news in self._news.get(name, ()):
                    news.push(reading)
        # where its bridge answers for it, only the bridge's word brings it back
        if not self.thing.online and (self._reachable or self.wiring.unit.online is None):
            await self._around.registry.set_online(self.id, online=True, context=context)
        return result

    @property
    def cut_off(self) -> bool:
        """Whether its bridge said last that it cannot reach it."""
        return self._reachable is False

    async def ask_reachable(self, context: Context, since: float) -> bool:
        """Whether its bridge can reach it, asked anew unless it has said so since then (monotonic seconds)."""
        if self._asked_at < since:
            try:
                for exchange in self.wiring.reads(()):
                    await self._fetch(exchange, context, Source.POLL)
            except (DeviceOffline, DeviceTimeout, NotFound) as error:
                log.info("%s: %s", self.id, error)
            except DeviceError as error:
                log.info("%s: %s", self.id, error)
                self.left_open((ONLINE,))
        return not self.cut_off

    def left_open(self, names: Iterable[str]) -> None:
        """Its bridge would not answer an exchange with these `names`: no reason to disbelieve its readings."""
        if ONLINE in names:
            self._reachable = True

    async def _fetch(
        self, exchange: Exchange, context: Context, source: Source
    ) -> Mapping[str, Reading | CodecError]:
        payload, when = await self.ask(exchange)
        return await self.absorb(exchange.names, payload, when, source, context)

    async def _bounded(self, exchange: Awaitable[Json]) -> Json:
        try:
            with anyio.fail_after(self._around.timeout * 2):  # the wire has its own limit; this one is for its bugs
                return await exchange
        except TimeoutError as error:
            raise DeviceTimeout(f"{self.thing.title} did not answer in {self._around.timeout * 2:g} s.") from error

    async def gone(self, context: Context) -> str:
        """Nobody is at that address: say so of everything that the same adapter drives there. The reason."""
        thing, registry = self.thing, self._around.registry
        device = registry.devices.get(thing.device_id)
        for other in registry.things_of(thing.device_id):
            if other.adapter_id == thing.adapter_id:
                reason = no_answer(other, device)
                await registry.set_online(other.id, online=False, context=context, reason=reason)
        return no_answer(thing, device)

    def _property(self, name: str) -> Property:
        thing = self.thing
        if name not in thing.properties:
            there = ", ".join(thing.properties) or "none"
            raise NotFound(f"{thing.title} has no property {name!r}; it has: {there}.")
        return thing.properties[name]
