"""Looking at what does not tell: adaptive polling of the whole house from one task."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Iterable
from contextlib import suppress

import anyio
from anyio.abc import TaskGroup, TaskStatus

from claw.bus import Bus, Subscription
from claw.devices.bindings import REMEMBERING
from claw.devices.observed import ObservedThing
from claw.devices.pace import Pace
from claw.devices.registry import Registry
from claw.devices.rounds import Round, Rounds
from claw.devices.things import Things
from claw.devices.wiring import Exchange
from claw.errors import AdapterError, DeviceError, DeviceOffline, DeviceTimeout, NotFound
from claw.model.context import Context
from claw.model.events import (
    CommandDone,
    DeviceHeard,
    Event,
    OnlineChanged,
    ReadingChanged,
    ThingAdded,
    ThingChanged,
    ThingRemoved,
)
from claw.model.reading import Source

log = logging.getLogger(__name__)

AT_ONCE = 16  # polls on the wire at the same time, over all devices
OFFLINE_AFTER = 2  # failed looks in a row
HEARD = (CommandDone, ReadingChanged, DeviceHeard, OnlineChanged, ThingAdded, ThingChanged, ThingRemoved)


class Polling:
    """Polls every read form once for all who live on it. `pushed(thing, property)`: whether we are told anyway."""

    def __init__(
        self,
        registry: Registry,
        things: Things,
        bus: Bus,
        *,
        pace: Pace | None = None,
        pushed: Callable[[str, str], bool] = lambda _thing, _name: False,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._registry = registry
        self._things = things
        self._bus = bus
        self._pace = pace or Pace()
        self._pushed = pushed
        self._chance = chance
        self._rounds = Rounds()
        self._wake = anyio.Event()
        self.polls = 0

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Poll until cancelled."""
        slots = anyio.Semaphore(AT_ONCE)
        with self._bus.subscribe(*HEARD, buffer=8192) as events:
            now = anyio.current_time()
            for number, id_ in enumerate(self._registry.things):
                self._join(id_, now + number * self._pace.first)
            async with anyio.create_task_group() as group:
                group.start_soon(self._listen, events)
                task_status.started()
                await self._turn(group, slots)

    async def _turn(self, group: TaskGroup, slots: anyio.Semaphore) -> None:
        while True:
            for due in self._rounds.take(anyio.current_time()):
                due.running = True
                await slots.acquire()
                group.start_soon(self._poll, due, slots)
            self._wake = anyio.Event()
            with anyio.move_on_after(self._rounds.next_due() - anyio.current_time()):
                await self._wake.wait()

    async def _poll(self, due: Round, slots: anyio.Semaphore) -> None:
        try:
            self.polls += 1
            await self._look(due)
        finally:
            slots.release()
            due.running = False
            self._schedule(due)

    async def _look(self, due: Round) -> None:
        context = Context.new("poll")
        found = self._exchange(due)
        if found is None:
            due.failures += 1
            return
        asking, exchange = found
        try:
            payload, when = await asking.ask(exchange)
        except (DeviceOffline, DeviceTimeout) as error:
            if isinstance(error, DeviceTimeout) and asking.wiring.adapter.binding in REMEMBERING:
                return
            due.failures += 1
            await self._silent(due, error, context)
            return
        except DeviceError as error:  # it is there, but ill: an adapter's matter, not a power cut
            due.failures = 0
            log.info("%s: %s", asking.id, error)
            for id_, names in due.members.items():
                with suppress(NotFound):
                    self._things.get(id_).left_open(names)
            return
        due.failures = 0
        for id_, names in tuple(due.members.items()):
            try:
                await self._things.get(id_).absorb(names, payload, when, Source.POLL, context)
            except (NotFound, AdapterError):
                continue  # it left while the answer was under way

    def _exchange(self, due: Round) -> tuple[ObservedThing, Exchange] | None:
        """Somebody to ask for all of them, and what to ask."""
        for id_ in due.members:
            try:
                thing = self._things.get(id_)
                for exchange in thing.wiring.reads():
                    if exchange.key == due.key:
                        return thing, exchange
            except (NotFound, AdapterError):
                continue
        return None

    async def _silent(self, due: Round, error: DeviceError, context: Context) -> None:
        if due.failures < OFFLINE_AFTER:
            return
        for id_ in tuple(due.members):
            # one slow answer among good ones is not an absence; nobody at the address is
            if isinstance(error, DeviceOffline) or all(each.failures for each in self._rounds.of(id_)):
                try:
                    await self._things.get(id_).gone(context)
                except NotFound:
                    continue

    def _schedule(self, due: Round) -> None:
        now = anyio.current_time()
        delay = self._pace.delay(
            failures=due.failures,
            lively=now < due.lively_until,
            pushed=self._told(due),
            rounds=len(self._rounds),
            chance=self._chance(),
        )
        self._bring(due, now if due.again else now + delay)
        due.again = False

    def _told(self, due: Round) -> bool:
        return all(self._pushed(id_, name) for id_, names in due.members.items() for name in names)

    def _bring(self, due: Round, at: float) -> None:
        self._rounds.schedule(due, at)
        self._wake.set()

    def _join(self, id_: str, due: float) -> None:
        try:
            wiring = self._things.get(id_).wiring
        except (NotFound, AdapterError) as error:
            log.warning("%s cannot be polled: %s", id_, error)
            self._rounds.drop(id_)
            return
        self._rounds.put(id_, {exchange.key: exchange.names for exchange in wiring.reads()}, due)

    async def _listen(self, events: Subscription[Event]) -> None:
        async for event in events:
            match event:
                case CommandDone():
                    self._liven(self._rounds.of(event.effect.thing))
                case ReadingChanged() if event.reading.source is Source.POLL and self._writable(event):
                    self._liven(self._rounds.of(event.thing))
                case DeviceHeard():
                    for thing in self._registry.things_of(event.device_id):
                        self._now(self._rounds.of(thing.id))
                case OnlineChanged():
                    self._gone_or_back(event)
                case ThingAdded() | ThingChanged():
                    self._join(event.thing, anyio.current_time())
                    self._wake.set()
                case ThingRemoved():
                    self._rounds.drop(event.thing)
                case _:
                    pass

    def _gone_or_back(self, event: OnlineChanged) -> None:
        try:
            thing = self._things.get(event.thing)
            answered_for = thing.wiring.unit.online is not None
        except (NotFound, AdapterError):
            return
        if not event.online and not thing.cut_off:  # a bridge that cannot reach one lamp is there for the others
            self._mourn(self._rounds.of(event.thing))
        elif event.online and answered_for:  # nothing was believed of it meanwhile
            self._now(self._rounds.of(event.thing))

    def _mourn(self, rounds: Iterable[Round]) -> None:
        for each in rounds:
            each.failures = max(each.failures, OFFLINE_AFTER)
            if not each.running:
                self._schedule(each)

    def _writable(self, event: ReadingChanged) -> bool:
        """A sensor changes all the time; only what somebody may have turned by hand is worth a closer look."""
        thing = self._registry.things.get(event.thing)
        prop = thing.properties.get(event.property) if thing is not None else None
        return prop is not None and not prop.read_only

    def _liven(self, rounds: Iterable[Round]) -> None:
        now = anyio.current_time()
        for each in rounds:
            each.lively_until = now + self._pace.lively
            hasten = not each.running and not each.failures and each.due > now + self._pace.fast
            if hasten and not self._told(each):
                self._bring(each, now + self._pace.fast)

    def _now(self, rounds: Iterable[Round]) -> None:
        for each in rounds:
            if each.running:
                each.again = True  # what is under way may have been answered before there was news
            else:
                self._bring(each, anyio.current_time())
