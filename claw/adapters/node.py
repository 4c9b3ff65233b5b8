"""A place inside a JSON document that knows its own pointer, so that every complaint names it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NoReturn

from claw.errors import DocumentInvalid
from claw.model.json import Json, JsonObject

MAX_TEXT = 2000
MAX_DEPTH = 64  # far from where a reader that calls itself runs out of stack
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` when some known word is near, else nothing."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - 20 ms that a start should not pay

    near = process.extractOne(word, sorted(known), scorer=fuzz.ratio, score_cutoff=60)
    return f"; did you mean {near[0]!r}?" if near else ""


@dataclass(frozen=True, slots=True)
class Node:
    """One value and where it stands."""

    value: Json
    pointer: str = ""

    def fail(self, message: str) -> NoReturn:
        """Raise DocumentInvalid naming this place."""
        raise DocumentInvalid(f"{self.pointer or '/'}: {message}")

    def child(self, key: str | int, value: Json) -> Node:
        """The node below `key`."""
        return Node(value, f"{self.pointer}/{str(key).replace('~', '~0').replace('/', '~1')}")

    def object(self) -> JsonObject:
        """This value, which must be an object."""
        if not isinstance(self.value, Mapping):
            self.fail(f"must be an object, not {_kind(self.value)}")
        return self.value

    def get(self, key: str) -> Node | None:
        """The member `key`, or None when it is left out."""
        members = self.object()
        return self.child(key, members[key]) if key in members else None

    def need(self, key: str) -> Node:
        """The member `key`, which must be there."""
        found = self.get(key)
        if found is None:
            self.fail(f"{key!r} is missing{did_you_mean(key, self.object())}")
        return found

    def members(self) -> Iterator[tuple[str, Node]]:
        """Every member of this object."""
        for key, value in self.object().items():
            if not isinstance(key, str):
                self.fail(f"the key {key!r} must be a string")
            yield key, self.child(key, value)

    def items(self) -> Iterator[Node]:
        """Every element of this array."""
        if not isinstance(self.value, list | tuple):
            self.fail(f"must be an array, not {_kind(self.value)}")
        for index, value in enumerate(self.value):
            yield self.child(index, value)

    def text(self, *, empty: bool = False) -> str:
        """This value, which must be a printable string."""
        if not isinstance(self.value, str):
            self.fail(f"must be a string, not {_kind(self.value)}")
        if not empty and not self.value.strip():
            self.fail("must not be empty")
        if len(self.value) > MAX_TEXT:
            self.fail(f"is longer than {MAX_TEXT} characters")
        if CONTROL.search(self.value):
            self.fail("holds control characters")
        return self.value

    def choice(self, known: Iterable[str], what: str) -> str:
        """This value, which must be one of `known` words."""
        word, words = self.text(), tuple(known)
        if word not in words:
            self.fail(f"unknown {what} {word!r}{did_you_mean(word, words) or '; there are: ' + ', '.join(words)}")
        return word

    def number(self) -> float:
        """This value, which must be a finite number."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            self.fail(f"must be a number, not {_kind(self.value)}")
        if not abs(self.value) < 1e15:  # noqa: PLR2004 - also refuses NaN and infinity
            self.fail("must be a finite number of sensible size")
        return self.value

    def integer(self, low: int, high: int) -> int:
        """This value, which must be a whole number in [low, high]."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or not low <= self.value <= high:
            self.fail(f"must be a whole number from {low} to {high}")
        return self.value

    def flag(self) -> bool:
        """This value, which must be true or false."""
        if not isinstance(self.value, bool):
            self.fail(f"must be true or false, not {_kind(self.value)}")
        return self.value


def too_deep(value: Json) -> str:
    """The pointer of the first place below `MAX_DEPTH` others; empty when there is none. Goes level by level."""
    level = [("", value)]
    for _ in range(MAX_DEPTH):
        level = [
            (f"{pointer}/{key}", inner)
            for pointer, outer in level
            for key, inner in (
                outer.items()
                if isinstance(outer, Mapping)
                else enumerate(outer)
                if isinstance(outer, list | tuple)
                else ()
            )
        ]
        if not level:
            return ""
    return level[0][0]


def _kind(value: object) -> str:
    names = {
        bool: "a boolean",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "an array",
        dict: "an object",
    }
    return "null" if value is None else names.get(type(value), type(value).__name__)
