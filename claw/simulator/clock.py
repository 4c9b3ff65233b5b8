"""The house's one clock. Devices compute their state from it when asked; nothing ticks."""

from __future__ import annotations

import time
from typing import Protocol

import anyio
import anyio.lowlevel


class Clock(Protocol):
    """Seconds that the physics runs on."""

    def now(self) -> float:
        """Seconds since some fixed moment."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `seconds` of this clock have passed."""
        ...


class RealClock:
    """Wall time, `speed` times as fast."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._start = time.monotonic()

    def now(self) -> float:
        """Seconds since this clock was made, times `speed`."""
        return (time.monotonic() - self._start) * self._speed

    async def sleep(self, seconds: float) -> None:
        """Sleep on the loop."""
        await anyio.sleep(max(0.0, seconds / self._speed))


class ManualClock:
    """Time that moves only when told to."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, anyio.Event]] = []

    def now(self) -> float:
        """Seconds advanced so far."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until somebody has advanced the clock far enough."""
        if seconds <= 0:
            await anyio.lowlevel.checkpoint()
            return
        due = anyio.Event()
        self._sleepers.append((self._now + seconds, due))
        await due.wait()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass and wake whoever waited for them."""
        self._now += seconds
        for moment, due in self._sleepers:
            if moment <= self._now:
                due.set()
        self._sleepers = [entry for entry in self._sleepers if entry[0] > self._now]
