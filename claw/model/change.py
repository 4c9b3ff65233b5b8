"""The journal's values: what was done, and because of what."""

from __future__ import annotations

from dataclasses import dataclass

from claw.model.context import Context
from claw.model.effect import Effect


@dataclass(frozen=True, slots=True)
class Change:
    """One effect, with the context that caused it, at Unix time `at` (seconds). `seq` grows with every change."""

    seq: int
    effect: Effect
    context: Context
    at: float


@dataclass(frozen=True, slots=True)
class Cause:
    """One link of the chain behind "why?": a context, what was said or which rule (`detail`), and what it did."""

    context: Context
    at: float
    detail: str = ""
    changes: tuple[Change, ...] = ()
