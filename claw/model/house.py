"""The house as the understanding sees it: names and abilities, no I/O behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claw.model.json import Json
from claw.model.thing import Area


@dataclass(frozen=True, slots=True)
class Floor:
    """A storey."""

    id: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HouseThing:
    """A thing's names and abilities. `domain` is the first capability's word (light, cover, climate, media ...)."""

    id: str
    name: str
    domain: str
    area: str = ""
    properties: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    aliases: tuple[str, ...] = ()
    state: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class House:
    """Everything a sentence may refer to. `revision` changes whenever a name does, so that indexes can be kept."""

    things: tuple[HouseThing, ...] = ()
    areas: tuple[Area, ...] = ()
    floors: tuple[Floor, ...] = ()
    people: tuple[str, ...] = ()
    temperature_unit: str = "C"
    revision: int = 0
