"""What "it" means: the things each person spoke of last."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claw.model.intent import Command

KEPT = 600.0  # seconds; after that "it" could be anything
MOST = 20  # things; more is no "it"
PEOPLE = 256


class Memory:
    """Last-mentioned things by person. `clock`: seconds that only ever go forward."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, tuple[float, tuple[str, ...]]] = {}

    def keep(self, person: str, commands: Sequence[Command]) -> None:
        """Remember what the last command was about."""
        things = commands[-1].targets if commands else ()
        if not 0 < len(things) <= MOST:
            return
        self._last.pop(person, None)
        self._last[person] = (self._clock(), things)
        if len(self._last) > PEOPLE:
            del self._last[next(iter(self._last))]

    def recall(self, person: str) -> tuple[str, ...]:
        """The things last spoken of, while that is recent."""
        at, things = self._last.get(person, (0.0, ()))
        return things if things and self._clock() - at <= KEPT else ()
