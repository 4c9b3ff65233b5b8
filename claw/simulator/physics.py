"""Things that take time, in closed form: each answers "where are you at second t?" without ticking."""

from __future__ import annotations

import math


class Ramp:
    """A value that moves to its target at a constant rate (units per second)."""

    def __init__(self, value: float, rate: float) -> None:
        self._from = value
        self._since = 0.0
        self.rate = rate
        self.target = value

    def at(self, now: float) -> float:
        """Where it is."""
        way = self.target - self._from
        gone = min(abs(way), self.rate * max(0.0, now - self._since))
        return self._from + math.copysign(gone, way)

    def go(self, target: float, now: float) -> None:
        """Start for `target` from wherever it is."""
        self._from, self._since = self.at(now), now
        self.target = target

    def stop(self, now: float) -> None:
        """Stay wherever it is."""
        self.go(self.at(now), now)

    def arrival(self) -> float:
        """The second at which the target is, or was, reached."""
        return self._since + abs(self.target - self._from) / self.rate


class Heat:
    """A heated body with ideal control: rises at `gain` degrees per second to its target, else cools to `ambient`.

    `loss` is the time constant of the cooling in seconds.
    """

    def __init__(self, temperature: float, target: float, *, gain: float, ambient: float, loss: float) -> None:
        self._from = temperature
        self._since = 0.0
        self._gain = gain
        self._ambient = ambient
        self._loss = loss
        self.target = target
        self.on = False

    def at(self, now: float) -> float:
        """The temperature."""
        elapsed = max(0.0, now - self._since)
        if self.on and self._from <= self.target:
            return min(self.target, self._from + self._gain * elapsed)
        cooled = self._ambient + (self._from - self._ambient) * math.exp(-elapsed / self._loss)
        return max(self.target, cooled) if self.on else cooled

    def heating(self, now: float) -> bool:
        """Whether the heater is lifting the temperature right now."""
        return self.on and self.at(now) < self.target

    def set(self, now: float, *, target: float | None = None, on: bool | None = None) -> None:
        """Change the target or switch the heater, from wherever it is."""
        self._from, self._since = self.at(now), now
        self.target = self.target if target is None else target
        self.on = self.on if on is None else on
