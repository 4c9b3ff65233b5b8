"""A reading: value, time and source."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import StrEnum

from claw.model.json import Json


class Source(StrEnum):
    """How a reading came to us."""

    READ = "read"  # someone asked just now
    READ_BACK = "read_back"  # the proof after a write
    PUSH = "push"  # the device told us
    POLL = "poll"  # we looked on our own


@dataclass(frozen=True, slots=True)
class Moment:
    """One moment on both clocks: `at` in Unix seconds for people, `tick` on the monotonic clock for order."""

    at: float
    tick: float

    @classmethod
    def now(cls) -> Moment:
        """This moment."""
        return cls(time.time(), time.monotonic())


@dataclass(frozen=True, slots=True)
class Reading:
    """An observed value in human units, at Unix time `at` (seconds).

    `tick`: the same moment on the monotonic clock. It orders readings: the wall clock may be set back at any time.
    """

    value: Json
    at: float
    source: Source
    tick: float = field(default_factory=time.monotonic, compare=False)

    def younger(self, seconds: float) -> bool:
        """Whether it is at most so old by both clocks: one can be set, the other stands still while we sleep."""
        now = Moment.now()
        return 0 <= now.at - self.at <= seconds and now.tick - self.tick <= seconds
