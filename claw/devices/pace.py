"""How often to look: quickly while something is going on, seldom when quiet, ever more seldom when nobody answers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. `fast` for `lively` after a command or a change, `slow` otherwise, `pushed` where the device tells.

    `retry` after the first silence, doubling to `longest`. `rate`: polls per second for the whole house at the slow
    pace; a house with more to poll than that looks less often, so that idling stays free.
    """

    fast: float = 1.0
    lively: float = 15.0
    slow: float = 30.0
    pushed: float = 60.0
    retry: float = 1.0
    longest: float = 300.0
    rate: float = 3.0
    jitter: float = 0.1
    first: float = 0.02

    def delay(self, *, failures: int, lively: bool, pushed: bool, rounds: int, chance: float) -> float:
        """Seconds to the next look. `chance`, 0 to 1, spreads it; `rounds`: how many there are to share the rate."""
        if failures:
            base = min(self.longest, self.retry * 2.0 ** min(failures - 1, 32))
        elif lively and not pushed:
            base = self.fast
        else:
            base = max(self.pushed if pushed else self.slow, rounds / self.rate)
        return base * (1 + self.jitter * (2 * chance - 1))
