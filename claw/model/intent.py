"""What a message means, in the schema that `claw understand` prints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from claw.model.json import Json


class Outcome(StrEnum):
    """What the house should do with a message."""

    ACT = "act"
    QUERY = "query"
    AUTOMATE = "automate"
    WATCH = "watch"
    CLARIFY = "clarify"
    NONE = "none"
    UNDO = "undo"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True)
class Command:
    """One order or question. `targets`: thing ids. `value` with `unit`; `amount` is a relative step."""

    action: str
    domain: str = ""
    areas: tuple[str, ...] = ()
    scope: str = "unspecified"
    targets: tuple[str, ...] = ()
    value: Json = None
    unit: str = ""
    amount: float | None = None
    query: str = ""
    time: Mapping[str, Json] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True)
class Intent:
    """The meaning of one message. With CLARIFY, `question` is what to ask and `reason` why (`unknown_device` ...)."""

    outcome: Outcome
    commands: tuple[Command, ...] = ()
    question: str = ""
    reason: str = ""
