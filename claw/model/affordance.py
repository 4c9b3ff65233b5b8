"""What a thing offers: properties, actions and events, in human units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

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
    settle: float = 1.0
    tolerance: float = 0.0
    names: Mapping[str, str] = field(default_factory=dict)

    def risk_of(self, value: Json) -> Risk:
        """The risk of writing `value`."""
        return Risk.HARMLESS if value in self.safe_values else self.risk


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
