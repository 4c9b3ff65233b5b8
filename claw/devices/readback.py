"""Did it happen? Looks at a property until the device agrees, stops moving, or has had its time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import anyio

from claw.devices.values import ROUNDING, agrees, gap
from claw.errors import ClawError, CodecError, DeviceError, DeviceOffline, DeviceTimeout
from claw.model.affordance import Property
from claw.model.json import Json
from claw.model.reading import Reading

FIRST_PAUSE = 0.02  # seconds; doubles
LONGEST_PAUSE = 0.5
MIN_PATIENCE = 1.0
GIVE_UP = 2  # looks in a row that found nobody
MIN_LOOKS = 2  # however slow the device: the first look may be the last word before it acted


class News:
    """Tells one waiting read-back that the device has pushed something."""

    def __init__(self) -> None:
        self._event = anyio.Event()
        self._reading: Reading | None = None

    def push(self, reading: Reading) -> None:
        """The device said so itself."""
        self._reading = reading
        self._event.set()

    def take(self) -> Reading | None:
        """What was pushed since the last call."""
        reading, self._reading = self._reading, None
        self._event = anyio.Event()
        return reading

    async def wait(self) -> None:
        """Until something is pushed."""
        await self._event.wait()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was seen. `seen`: the device answered at all; `moving`: still on its way when its time was up."""

    value: Json
    seen: bool
    verified: bool
    moving: bool
    error: ClawError | None = None


class ReadBack:
    """One wait for one property.

    `accepted`: values that count as the asked one (paused, for a radio: stopped). `silent`: the order itself went
    unanswered, so one more silence is enough to give up.
    """

    def __init__(
        self, prop: Property, asked: Json, old: Json, accepted: tuple[Json, ...] = (), *, silent: bool = False
    ) -> None:
        self._prop = prop
        self._asked = asked
        self._accepted = (asked, *accepted)
        self._closest = gap(asked, old)
        # what has no distance cannot be seen to move: it gets all its time at once
        fades = gap(asked, asked) is not None
        self._patience = min(prop.settle, max(MIN_PATIENCE, prop.settle / 4)) if fades else prop.settle
        self._moved_at: float | None = None
        self._value: Json = None
        self._near: Json = None
        self._seen = False
        self._silences = int(silent)

    async def run(self, look: Callable[[], Awaitable[Reading | None]], news: News, overtaken: anyio.Event) -> Outcome:
        """Look at once, then at growing intervals, and whenever the device pushes. `look`: None when it cannot."""
        began = anyio.current_time()
        pause, looks = FIRST_PAUSE, 0
        error: ClawError | None = None
        pushed: Reading | None = None
        while True:
            try:
                reading = pushed or await look()
                error = None
            except (DeviceOffline, DeviceTimeout) as caught:
                reading, error = None, caught
                self._silences += 1
            except (DeviceError, CodecError) as caught:
                reading, error = None, caught
            if reading is not None:
                self._silences = 0
                if self._agrees(reading.value) and (not looks or self._rests(reading.value)):
                    return Outcome(reading.value, seen=True, verified=True, moving=False)
            now = anyio.current_time()
            looks += 1
            still = now - (self._moved_at or began) >= self._patience
            over = now - began >= self._prop.settle
            if overtaken.is_set() or self._silences >= GIVE_UP or ((still or over) and looks >= MIN_LOOKS):
                if self._near is not None and self._near == self._value:
                    return Outcome(self._value, seen=True, verified=True, moving=False)
                return Outcome(self._value, self._seen, verified=False, moving=self._moving(still=still), error=error)
            with anyio.move_on_after(pause):
                await _first(news.wait, overtaken.wait)
            pushed = news.take()
            pause = min(pause * 2, LONGEST_PAUSE)

    def _agrees(self, value: Json) -> bool:
        self._value, self._seen = value, True
        distance = gap(self._asked, value)
        if distance is not None and (self._closest is None or distance < self._closest - ROUNDING):
            if self._closest is not None:
                self._moved_at = anyio.current_time()
            self._closest = distance
        return any(agrees(self._prop, wanted, value) for wanted in self._accepted)

    def _rests(self, value: Json) -> bool:
        """Near enough is not there yet for what was seen on its way: it has to stay, or to arrive."""
        before, self._near = self._near, value
        distance = gap(self._asked, value)
        return distance is None or distance <= ROUNDING or value == before

    def _moving(self, *, still: bool) -> bool:
        return self._moved_at is not None and not still


async def _first(*waits: Callable[[], Awaitable[None]]) -> None:
    """Return when one of them does."""
    async with anyio.create_task_group() as group:

        async def one(wait: Callable[[], Awaitable[None]]) -> None:
            await wait()
            group.cancel_scope.cancel()

        for wait in waits:
            group.start_soon(one, wait)
