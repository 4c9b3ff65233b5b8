"""The shapes of a text and its answer; all that a text after a restart needs of the API's shapes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from enum import Enum

from pydantic import BaseModel, Field, JsonValue

from claw.brains.reply import Reply
from claw.model.effect import Effect


def plain(value: object) -> JsonValue:
    """Any model value as JSON: dataclasses and mappings as objects, sequences and sets as arrays."""
    if isinstance(value, Enum):
        value = value.value
    if dataclasses.is_dataclass(value):
        value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((plain(item) for item in value), key=str)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


class EffectShape(BaseModel):
    """What one command did: `new` is what the device was read back to say."""

    thing: str
    title: str
    property: str
    old: JsonValue
    new: JsonValue
    asked: JsonValue
    verified: bool
    settling: bool
    ms: float
    problem: str

    @classmethod
    def of(cls, effect: Effect) -> EffectShape:
        """Shape one effect."""
        return cls(
            thing=effect.thing,
            title=effect.title,
            property=effect.property,
            old=plain(effect.old),
            new=plain(effect.new),
            asked=plain(effect.asked),
            verified=effect.verified,
            settling=effect.settling,
            ms=round(effect.ms, 2),
            problem=effect.problem,
        )


class MessageIn(BaseModel):
    """A text, as a person would send it. `as`: the member of the household who speaks; owners only."""

    text: str
    as_: str = Field(default="", alias="as", max_length=64)


class ReplyOut(BaseModel):
    """The answer, what the text was taken to mean, and what it did."""

    reply: str
    intents: list[JsonValue]
    effects: list[EffectShape]
    asked: bool

    @classmethod
    def of(cls, reply: Reply) -> ReplyOut:
        """Shape a reply."""
        return cls(
            reply=reply.text,
            intents=[plain(intent) for intent in reply.intents],
            effects=[EffectShape.of(effect) for effect in reply.effects],
            asked=reply.asked,
        )
