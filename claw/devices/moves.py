"""A device with a kept credential is followed to a new address only once it has said there, without it, who it is."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import anyio
from anyio.abc import TaskStatus

from claw.adapters import match
from claw.adapters.adapter import Adapter
from claw.devices.bindings import Bindings
from claw.devices.discovery.grouping import contradict
from claw.devices.discovery.identity import Regrouped
from claw.devices.endpoint import endpoint
from claw.errors import CredentialMissing, DeviceError
from claw.model.announcement import Announcement
from claw.model.context import Context
from claw.model.device import Device
from claw.model.form import Endpoint, Form, Target
from claw.model.identity import Scheme
from claw.model.json import Json
from claw.model.thing import Thing
from claw.protocols.binding import Secrets

log = logging.getLogger(__name__)

PENDING = 64  # moves that wait for their look; what is told beyond them is told again
AT_ONCE = 4
AGAIN = (0.0, 2.0, 5.0, 15.0, 60.0)  # seconds before each look: the old address may outlive the move for a while

Where = tuple[str, str, str, int]


@dataclass(frozen=True, slots=True)
class Move:
    """One adapter of one device that would be spoken to at another address, with a credential."""

    device: Device
    adapter: Adapter
    old: Endpoint
    new: Endpoint

    @property
    def where(self) -> Where:
        """What would be allowed by following it."""
        return (self.device.id, self.new.scheme, self.new.host, self.new.port)


Meet = Callable[[Announcement, Context, frozenset[Where]], Awaitable[object]]


async def leave(bindings: Bindings, adapters: Mapping[str, Adapter], old: Device, things: Iterable[Thing]) -> None:
    """Drop what the wires keep for a device at the address that it had."""
    for adapter in [adapters.get(id_) for id_ in {thing.adapter_id for thing in things}]:
        if adapter is not None and adapter.binding in bindings:
            try:
                await bindings[adapter.binding].forget(endpoint(adapter, old))
            except DeviceError as error:  # nothing was kept, or it fails to close: either way it is left behind
                log.info("%s: %s", old.title, error)


def moves(
    devices: Mapping[str, Device],
    result: Regrouped,
    things: Iterable[Thing],
    adapters: Mapping[str, Adapter],
    allowed: frozenset[Where] = frozenset(),
) -> list[Move]:
    """The moves in `result`, but for those `allowed`, that a credential would go along with."""
    after: dict[str, Device | None] = {device.id: device for device in result.changed}
    after |= {twin: after.get(heir, devices.get(heir)) for twin, heir in result.absorbed.items()}
    before = [(devices[id_], now) for id_, now in after.items() if now is not None and id_ in devices]
    driven = {(thing.device_id, thing.adapter_id) for thing in things}
    found: list[Move] = []
    for was, now in before:
        for device_id, adapter_id in sorted(driven):
            adapter = adapters.get(adapter_id) if device_id == was.id else None
            if adapter is None:
                continue
            old, new = endpoint(adapter, was), endpoint(adapter, now)
            if old.secret and (old.scheme, old.host, old.port) != (new.scheme, new.host, new.port):
                found.append(Move(was, adapter, old, new))
    return [move for move in found if move.where not in allowed]


class Moves:
    """Looks before a move is followed."""

    def __init__(self, bindings: Bindings, secrets: Secrets) -> None:
        self._bindings = bindings
        self._secrets = secrets
        self._pending: dict[tuple[Where, ...], tuple[Announcement, tuple[Move, ...]]] = {}
        self._new = anyio.Event()
        self._busy: set[tuple[Where, ...]] = set()

    async def hold(self, announcement: Announcement, wanted: Iterable[Move]) -> bool:
        """Whether the announcement has to wait for a look; it is met again once that was taken."""
        kept = tuple([move for move in wanted if await self._secrets.get(move.old.secret)])
        key = tuple(move.where for move in kept)
        if kept and key not in self._busy and len(self._pending) < PENDING:
            self._pending[key] = (announcement, kept)
            self._new.set()
        return bool(kept)

    async def run(self, meet: Meet, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Look at what moves until cancelled."""
        slots = anyio.Semaphore(AT_ONCE)
        async with anyio.create_task_group() as group:
            task_status.started()
            while True:
                await self._new.wait()
                self._new = anyio.Event()
                while self._pending:
                    key, (announcement, wanted) = self._pending.popitem()
                    if len(self._busy) < PENDING:
                        self._busy.add(key)
                        group.start_soon(self._follow, key, announcement, wanted, meet, slots)

    async def _follow(
        self,
        key: tuple[Where, ...],
        announcement: Announcement,
        wanted: tuple[Move, ...],
        meet: Meet,
        slots: anyio.Semaphore,
    ) -> None:
        try:
            for pause in AGAIN:
                await anyio.sleep(pause)
                async with slots:
                    why = next(filter(None, [await self._against(move) for move in wanted]), "")
                if not why:
                    await meet(announcement, Context.new("move"), frozenset(key))
                    return
                if not pause:
                    log.warning("%s", why)
        finally:
            self._busy.discard(key)

    async def _against(self, move: Move) -> str:
        """Why this move is not followed; empty when it is."""
        title, old, new = move.device.title, move.old.host, move.new.host
        if not move.adapter.identity:
            return f"{title} is said to be at {new}; it cannot say who it is without a key, so none goes there."
        here: dict[str, bool] = {}

        async def ask(name: str, where: Endpoint) -> None:
            here[name] = await self._is_it(move, where)

        async with anyio.create_task_group() as group:
            group.start_soon(ask, "old", move.old)
            group.start_soon(ask, "new", move.new)
        if here["old"]:
            return f"{title} is said to be at {new}, but still answers at {old}; it is spoken to there."
        return "" if here["new"] else f"{title} is said to be at {new}, but does not answer there as itself."

    async def _is_it(self, move: Move, where: Endpoint) -> bool:
        binding = self._bindings.wire(move.adapter.binding)
        pinned = await self._secrets.get(f"tls:{move.device.id}")
        bare = replace(where, auth="none", auth_name="", secret="", device_id=move.device.id if pinned else "")

        async def read(form: Form) -> Json:
            return await binding.read(Target(bare, form))

        try:
            said = set(await match.identities(move.adapter, read))
        except (CredentialMissing, DeviceError):
            return False
        known = {identity for identity in move.device.identities if identity.scheme is not Scheme.ADDRESS}
        return bool(said & known) and not contradict(said, known)
