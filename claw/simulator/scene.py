"""The street that the cameras look at: day and night, and a truck that comes, stops and leaves."""

from __future__ import annotations

import math

from claw.errors import InvalidValue
from claw.model.json import Json, JsonObject
from claw.simulator.clock import Clock

COMING, LEAVING = 4.0, 3.0  # seconds from the edge of the picture to the kerb, and away again
OFF_LEFT, KERB, OFF_RIGHT = -0.35, 0.42, 1.35  # of the street's width
_DAWN, _DUSK = 6.5, 20.5


class Scene:
    """One street. `hour` is the hour of the day when the clock read 0."""

    def __init__(self, clock: Clock, hour: float = 12.0) -> None:
        self._clock = clock
        self._hour = hour
        self._set_at = clock.now()
        self._arrived: float | None = None
        self._left: float | None = None

    def arrive(self) -> None:
        """Send the truck in."""
        self._arrived, self._left = self._clock.now(), None

    def leave(self) -> None:
        """Send it away, if it is here."""
        if self._arrived is not None and self._left is None:
            self._left = self._clock.now()

    def set_hour(self, hour: float) -> None:
        """Make it this hour of the day (0..24)."""
        self._hour, self._set_at = hour, self._clock.now()

    def direct(self, document: Json) -> None:
        """Follow a stage direction: `{"truck": "arrive" | "leave", "hour": 22}`. Raises InvalidValue."""
        if not isinstance(document, dict) or document.keys() - {"truck", "hour"}:
            raise InvalidValue('A scene is {"truck": "arrive" or "leave", "hour": 0 to 24}.')
        hour, truck = document.get("hour"), document.get("truck")
        if "hour" in document:
            if isinstance(hour, bool) or not isinstance(hour, int | float) or not 0 <= hour <= 24:  # noqa: PLR2004
                raise InvalidValue("hour is a number from 0 to 24.")
            self.set_hour(float(hour))
        if "truck" in document:
            if truck not in ("arrive", "leave"):
                raise InvalidValue('truck is "arrive" or "leave".')
            (self.arrive if truck == "arrive" else self.leave)()

    @property
    def hour(self) -> float:
        """The hour of the day now."""
        return (self._hour + (self._clock.now() - self._set_at) / 3600) % 24

    def daylight(self) -> float:
        """From 0.12 in the night to 1 at noon."""
        share = (self.hour - _DAWN) / (_DUSK - _DAWN)
        return 0.12 + 0.88 * max(0.0, math.sin(math.pi * share)) ** 0.5 if 0 < share < 1 else 0.12

    def truck(self) -> float | None:
        """Where the truck's nose is, as a share of the street's width; None when it is away."""
        now = self._clock.now()
        if self._arrived is None:
            return None
        if self._left is not None:
            gone = (now - self._left) / LEAVING
            return KERB + (OFF_RIGHT - KERB) * gone**2 if gone < 1 else None
        come = min(1.0, (now - self._arrived) / COMING)
        return OFF_LEFT + (KERB - OFF_LEFT) * (1 - (1 - come) ** 2)

    def truth(self) -> JsonObject:
        """What is on the street."""
        place = self.truck()
        now = self._clock.now()
        parked = place is not None and self._left is None and now - (self._arrived or 0.0) >= COMING
        return {
            "truck": "away" if place is None else "parked" if parked else "moving",
            "place": None if place is None else round(place, 3),
            "hour": round(self.hour, 3),
            "daylight": round(self.daylight(), 3),
        }
