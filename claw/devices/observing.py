"""Listening to what does tell: one subscription for each observe form, restarted for as long as anybody needs it."""

from __future__ import annotations

import logging
import random
from contextlib import aclosing
from dataclasses import dataclass, field

import anyio
from anyio.abc import TaskGroup, TaskStatus

from claw.bus import Bus
from claw.devices.bindings import Bindings
from claw.devices.registry import Registry
from claw.devices.things import Things
from claw.errors import AdapterError, DeviceError, NotFound, NotSupported
from claw.model.context import Context
from claw.model.events import DeviceHeard, DeviceMoved, ThingAdded, ThingChanged, ThingRemoved
from claw.model.form import Target
from claw.model.json import Json
from claw.model.reading import Moment, Source

log = logging.getLogger(__name__)

TOGETHER = 0.1  # seconds between arrangements


@dataclass(frozen=True, slots=True)
class Backoff:
    """Seconds between tries of a subscription that ended: `first`, doubling to `longest`."""

    first: float = 1.0
    longest: float = 60.0


@dataclass(eq=False, slots=True)
class Stream:
    """One subscription on the wire, and the things and properties that live on it."""

    binding: str
    target: Target
    device_id: str
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    scope: anyio.CancelScope = field(default_factory=anyio.CancelScope)
    nudge: anyio.Event = field(default_factory=anyio.Event)

    def same(self, other: Stream) -> bool:
        """Whether `other` would be the same subscription."""
        return (self.binding, self.target, self.members) == (other.binding, other.target, other.members)


class Observing:
    """Keeps the subscriptions of the whole house."""

    def __init__(
        self, registry: Registry, things: Things, bindings: Bindings, bus: Bus, backoff: Backoff | None = None
    ) -> None:
        self._registry = registry
        self._things = things
        self._bindings = bindings
        self._bus = bus
        self._backoff = backoff or Backoff()
        self._streams: dict[str, Stream] = {}
        self._live: set[tuple[str, str]] = set()
        self._changed = anyio.Event()

    def pushes(self, thing: str, name: str) -> bool:
        """Whether the device has told us of this property on a subscription that is still open."""
        return (thing, name) in self._live

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Listen until cancelled."""
        kinds = (ThingAdded, ThingChanged, ThingRemoved, DeviceMoved, DeviceHeard)
        with self._bus.subscribe(*kinds) as events:
            async with anyio.create_task_group() as group:
                self._arrange(group)
                group.start_soon(self._rearrange, group)
                task_status.started()
                async for event in events:
                    if isinstance(event, DeviceHeard):
                        self._nudge(event)
                    else:
                        self._changed.set()

    async def _rearrange(self, group: TaskGroup) -> None:
        """Arrange once for all that changed together: a house that moves in does so two hundred times."""
        while True:
            await self._changed.wait()
            self._changed = anyio.Event()
            self._arrange(group)
            await anyio.sleep(TOGETHER)

    def _nudge(self, event: DeviceHeard) -> None:
        if event.gone:
            return
        for stream in self._streams.values():
            if stream.device_id == event.device_id:
                stream.nudge.set()

    def _wanted(self) -> dict[str, Stream]:
        wanted: dict[str, Stream] = {}
        for id_ in self._registry.things:
            try:
                wiring = self._things.get(id_).wiring
            except (NotFound, AdapterError):
                continue  # polling has said so
            for exchange in wiring.observes():
                stream = Stream(wiring.adapter.binding, exchange.target, wiring.device.id)
                wanted.setdefault(exchange.key, stream).members[id_] = exchange.names
        return wanted

    def _arrange(self, group: TaskGroup) -> None:
        """Start what is missing, end what nobody needs or what points at an old address."""
        wanted = self._wanted()
        for key, stream in list(self._streams.items()):
            if key not in wanted or not stream.same(wanted[key]):
                stream.scope.cancel()
                del self._streams[key]
        for key, stream in wanted.items():
            if key not in self._streams:
                self._streams[key] = stream
                group.start_soon(self._follow, stream)

    async def _follow(self, stream: Stream) -> None:
        pause = self._backoff.first
        with stream.scope:
            while True:
                heard = False
                try:
                    binding = self._bindings.wire(stream.binding)
                    async with aclosing(binding.observe(stream.target)) as pushes:
                        async for payload in pushes:
                            heard = True
                            await self._take(stream, payload)
                except NotSupported:
                    return  # polling looks after it
                except DeviceError as error:
                    log.debug("subscription to %s ended: %s", stream.target.form.href, error)
                except Exception:  # one wire's mistake must not silence the others
                    log.exception("subscription to %s broke", stream.target.form.href)
                finally:
                    self._silence(stream)
                if heard:
                    pause = self._backoff.first
                    # it told us, and now it does not: worth a look at once
                    self._bus.publish(
                        DeviceHeard(context=Context.new("device"), device_id=stream.device_id, gone=True)
                    )
                stream.nudge = anyio.Event()
                with anyio.move_on_after(pause * random.uniform(0.8, 1.2)):  # noqa: S311 - spreads, hides nothing
                    await stream.nudge.wait()
                pause = min(pause * 2, self._backoff.longest)

    async def _take(self, stream: Stream, payload: Json) -> None:
        when, context = Moment.now(), Context.new("device")
        for id_, names in tuple(stream.members.items()):
            try:
                taken = await self._things.get(id_).absorb(names, payload, when, Source.PUSH, context)
            except (NotFound, AdapterError):
                continue  # it left a moment ago
            self._live.update((id_, name) for name in taken)

    def _silence(self, stream: Stream) -> None:
        self._live.difference_update((id_, name) for id_, names in stream.members.items() for name in names)
