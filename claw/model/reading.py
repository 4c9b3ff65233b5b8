"""A reading: value, time and source."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from claw.model.json import Json


class Source(StrEnum):
    """How a reading came to us."""

    READ = "read"  # someone asked just now
    READ_BACK = "read_back"  # the proof after a write
    PUSH = "push"  # the device told us
    POLL = "poll"  # we looked on our own


@dataclass(frozen=True, slots=True)
class Reading:
    """An observed value in human units, at Unix time `at` (seconds)."""

    value: Json
    at: float
    source: Source
