"""The names of a house, ready to be looked up; kept while its revision lasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from claw.model.house import House, HouseThing
from claw.understanding.text import words
from claw.understanding.words import Lexicon, english


@dataclass(frozen=True, slots=True)
class Named:
    """What a phrase may name. `partial`: things whose name it ends, once their area's name is left out."""

    things: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """Look-ups over one house."""

    house: House
    lexicon: Lexicon
    names: Mapping[tuple[str, ...], Named]
    things: Mapping[str, HouseThing]
    domains: Mapping[str, str]
    area_names: Mapping[str, str]
    floor_areas: Mapping[str, frozenset[str]]
    longest: int

    def domain(self, thing: str) -> str:
        """The domain of a thing."""
        return self.domains[thing]


class _Key:
    """A house as a cache key: its revision, then its names."""

    __slots__ = ("house",)

    def __init__(self, house: House) -> None:
        self.house = house

    def __hash__(self) -> int:
        return self.house.revision

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Key):
            return NotImplemented
        mine, theirs = self.house, other.house
        return mine is theirs or (
            mine.revision == theirs.revision
            and len(mine.things) == len(theirs.things)
            and mine.areas == theirs.areas
            and mine.floors == theirs.floors
            and mine.temperature_unit == theirs.temperature_unit
            and all(_same(a, b) for a, b in zip(mine.things, theirs.things, strict=True))
        )


def _same(a: HouseThing, b: HouseThing) -> bool:
    """Equal but for state."""
    return a is b or (
        a.id == b.id
        and a.name == b.name
        and a.area == b.area
        and a.domain == b.domain
        and a.aliases == b.aliases
        and a.properties == b.properties
        and a.actions == b.actions
    )


def index(house: House) -> Index:
    """The index of a house, built at most once per revision."""
    return _build(_Key(house))


@lru_cache(maxsize=8)
def _build(key: _Key) -> Index:
    house, lexicon = key.house, english()
    names: dict[tuple[str, ...], Named] = {}

    def add(text: str, field: str, ident: str) -> None:
        phrase = tuple(words(text, lexicon))
        if phrase:
            named = names.get(phrase, Named())
            known: tuple[str, ...] = getattr(named, field)
            if ident not in known:
                names[phrase] = replace(named, **{field: (*known, ident)})

    domains = {thing.id: _domain(thing, lexicon) for thing in house.things}
    spoken: dict[str, list[tuple[str, ...]]] = {}
    for area in house.areas:
        for text in (area.name, area.id.replace("_", " "), *area.aliases):
            add(text, "areas", area.id)
            spoken.setdefault(area.id, []).append(tuple(words(text, lexicon)))
    for floor in house.floors:
        for text in (floor.id.replace("_", " "), *floor.aliases):
            add(text, "floors", floor.id)
    for thing in house.things:
        for text in (thing.name, *thing.aliases):
            phrase = tuple(words(text, lexicon))
            rooms = spoken.get(thing.area, [])
            described = any("noun" in lexicon.phrases.get(rest, {}) for rest in _rests(phrase, rooms))
            if described and text != thing.name:
                continue  # "kitchen lights" is understood without being anybody's name
            if domains[thing.id] == "media" and names.get(phrase, Named()).areas:
                continue  # a speaker called like its room: the room is meant
            add(text, "things", thing.id)
            for rest in _rests(phrase, rooms):
                if "noun" not in lexicon.phrases.get(rest, {}):
                    add(" ".join(rest), "partial", thing.id)
    return Index(
        house=house,
        lexicon=lexicon,
        names=names,
        things={thing.id: thing for thing in house.things},
        domains=domains,
        area_names={area.id: area.name for area in house.areas},
        floor_areas={
            floor.id: frozenset(area.id for area in house.areas if area.floor == floor.id) for floor in house.floors
        },
        longest=max([lexicon.longest, *map(len, names)]),
    )


def _domain(thing: HouseThing, lexicon: Lexicon) -> str:
    """Abilities tell garage doors from shades, and pools from rooms, whatever word the house uses."""
    if "water_temperature" in thing.properties:
        return "pool"
    domain = lexicon.domain(thing.domain)
    return "garage_door" if domain == "cover" and "position" not in thing.properties else domain


def _rests(phrase: tuple[str, ...], areas: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [phrase[len(area) :] for area in areas if len(phrase) > len(area) and phrase[: len(area)] == area]
