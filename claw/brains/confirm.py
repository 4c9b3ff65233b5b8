"""Questions that wait for a yes: a code, 120 seconds, once, from the same person.

A question with a code takes that code and nothing else: a yes said to another matter must never open a door.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from claw.brains.plan import Step
from claw.model.intent import Command
from claw.model.json import Json

LIFETIME = 120.0  # seconds
MOST = 5  # questions waiting for one person; the oldest goes
WRONG = 3  # codes one may get wrong before everything waiting is dropped
_YES = re.compile(
    r"\s*(?:yes|yep|yeah|sure|ok|okay|y|do it|go ahead)(?:[\s,]+please)?[\s,]*(\d{4})?[\s.!👍]*$", re.IGNORECASE
)
_CODE = re.compile(r"\s*(\d{4})[\s.!]*$")
_NO = re.compile(
    r"\s*(?:no|nope|n|cancel|never ?mind|forget it|stop|don'?t)(?:[\s,]+(?:thanks|thank you))?[\s.!]*$", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Pending:
    """What a yes would run. `seen`: the values when it was asked. `code` is empty where a plain yes will do.

    `said`: the words that led to the question; they are the cause of what a yes does. `undoes`: the order that it
    puts back; `steps` then say how.
    """

    action: str
    expires: float
    steps: tuple[Step, ...] = ()
    commands: tuple[Command, ...] = ()
    code: str = ""
    seen: Mapping[tuple[str, str], Json] = field(default_factory=dict)
    said: str = ""
    undoes: str = ""


def yes(text: str) -> str | None:
    """The code of a yes (empty for a plain one); None when the text is no yes."""
    match = _YES.match(text)
    return None if match is None else match[1] or ""


def bare_code(text: str) -> str | None:
    """The code of a text that is nothing else; it is a yes only to somebody who has been given one."""
    match = _CODE.match(text)
    return None if match is None else match[1]


def no(text: str) -> bool:
    """Whether the text only says no."""
    return _NO.match(text) is not None


class Confirmations:
    """Waiting questions by person. `clock`: seconds that only ever go forward, whatever the wall clock does."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: dict[str, list[Pending]] = {}
        self._wrong: dict[str, int] = {}

    def code(self) -> str:
        """A code that nothing else is waiting for."""
        taken = {pending.code for group in self._waiting.values() for pending in group}
        while (code := f"{secrets.randbelow(9000) + 1000}") in taken:
            pass
        return code

    def ask(self, person: str, pending: Pending) -> None:
        """Let a question wait. A newer question without a code replaces older ones without."""
        waiting = self.waiting(person)
        if not pending.code:
            waiting = [one for one in waiting if one.code]
        self._waiting[person] = [*waiting, pending][-MOST:]

    def waiting(self, person: str) -> list[Pending]:
        """What this person may still say yes to."""
        now = self._clock()
        alive = [one for one in self._waiting.get(person, ()) if one.expires > now]
        self._waiting[person] = alive
        return list(alive)

    def take(self, person: str, code: str) -> Pending | None:
        """The question that this yes answers, removed for good; a plain one answers plain questions only."""
        waiting = self.waiting(person)
        fitting = [one for one in waiting if one.code == code]
        if len(fitting) != 1:
            if code:
                self._miss(person)
            return None
        self._wrong.pop(person, None)
        self._waiting[person] = [one for one in waiting if one is not fitting[0]]
        return fitting[0]

    def attribute(self, person: str, said: str) -> None:
        """Note which words led to this person's new questions."""
        self._waiting[person] = [one if one.said else replace(one, said=said) for one in self.waiting(person)]

    def drop(self, person: str, *, coded: bool = True) -> int:
        """Forget what waits for this person (only the plain questions, unless `coded`); how many that were."""
        waiting = self.waiting(person)
        self._waiting[person] = [] if coded else [one for one in waiting if one.code]
        return len(waiting) - len(self._waiting[person])

    def _miss(self, person: str) -> None:
        self._wrong[person] = self._wrong.get(person, 0) + 1
        if self._wrong[person] >= WRONG:
            self._wrong.pop(person)
            self._waiting.pop(person, None)
