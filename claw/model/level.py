"""The verification ladder and its receipts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Level(IntEnum):
    """How far an adapter has been proved. `NONE` is before the first rung."""

    NONE = -1
    SCHEMA = 0
    CONFORMANCE = 1
    CODEC_LAW = 2
    REPLAY = 3
    LIVE_READ = 4
    WRITE_READ_BACK = 5
    WITNESSED = 6


@dataclass(frozen=True, slots=True)
class Receipt:
    """One rung tried: what was checked, on which thing and property, and what came of it."""

    level: Level
    passed: bool
    detail: str
    at: float
    property: str = ""
