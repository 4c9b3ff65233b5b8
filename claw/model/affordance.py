"""What a thing offers: properties, actions and events, in human units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from math import inf
from typing import TypeGuard

from claw.model.json import Json


class Risk(IntEnum):
    """What can go wrong, lowest first; a tool call takes the highest it touches.

    HARMLESS needs nobody's yes once the adapter is proved; COMFORT is clamped and open to adults;
    SECURE is confirmed each time, by code, and never from a guessed word.
    """

    READ = 0
    HARMLESS = 1
    COMFORT = 2
    SECURE = 3


@dataclass(frozen=True, slots=True)
class Property:
    """One property of a capability, as the catalogue defines it and an adapter may narrow it.

    `type`: boolean, integer, number, string or object (colour: `{"hue": 0-360, "saturation": 0-100}`).
    `unit`: percent, kelvin, celsius, watt ... `settle`: seconds a device may take to reach a written value.
    `safe_values`: values that carry only HARMLESS risk (locking, closing) although the property is SECURE.
    `safe_range`: numbers outside it are SECURE whatever the property is. `safe_direction`: "down" where any number
    above the present one is (more heat, say), and every number while the present one is not known.
    """

    name: str
    title: str
    type: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    enum: tuple[str, ...] = ()
    read_only: bool = False
    observable: bool = False
    matter: str = ""
    risk: Risk = Risk.HARMLESS
    safe_values: tuple[Json, ...] = ()
    safe_range: tuple[float, float] | None = None
    safe_direction: str = ""
    settle: float = 1.0
    tolerance: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)

    def risk_of(self, value: Json, now: Json = None) -> Risk:
        """The risk of writing `value` where the property is `now`."""
        if value in self.safe_values:
            return Risk.HARMLESS
        if self.safe_range is not None and not _within(value, *self.safe_range):
            return Risk.SECURE
        if self.safe_direction and not (_is_number(now) and _within(value, -inf, now)):
            return Risk.SECURE
        return self.risk

    @property
    def worst(self) -> Risk:
        """The highest risk that any value carries."""
        return Risk.SECURE if self.safe_range is not None or self.safe_direction else self.risk


def _is_number(value: Json) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _within(value: Json, low: float, high: float) -> bool:
    return _is_number(value) and low <= value <= high


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a capability; `input` maps argument names to JSON Schema types."""

    name: str
    title: str
    risk: Risk = Risk.HARMLESS
    input: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capability:
    """A Thing Model in plain words: what kind of thing this is and what every such thing offers."""

    name: str
    title: str
    description: str
    extends: tuple[str, ...]
    properties: Mapping[str, Property]
    actions: Mapping[str, Action]
    optional: frozenset[str]
    names: Mapping[str, str] = field(default_factory=dict)
