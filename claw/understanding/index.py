"""The names of a house, ready to be looked up; kept while its revision lasts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from claw.model.house import House, HouseThing
from claw.understanding.text import words
from claw.understanding.words import Lexicon, english

_OF_THINGS = frozenset({"things", "partial", "begins"})


@dataclass(frozen=True, slots=True)
class Named:
    """What a phrase may name. `partial`: things whose name it ends, in rooms only once the room's name is left out.

    `begins`: things in no room whose name it begins: "kitchen" of "Kitchen ceiling", before anyone made rooms.
    """

    things: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()


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


def quotation(phrase: Sequence[str]) -> str:
    """A name that only quotes make one, as the single token that it is looked up by."""
    return f'"{" ".join(phrase)}"'


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
    domains = {thing.id: _domain(thing, lexicon) for thing in house.things}
    names = _Names(lexicon)
    for area in house.areas:
        for text in (area.name, area.id.replace("_", " "), *area.aliases):
            names.area(text, area.id)
    for floor in house.floors:
        for text in (floor.id.replace("_", " "), *floor.aliases):
            names.floor(text, floor.id)
    for thing in house.things:
        names.thing(thing, domains[thing.id])
    return Index(
        house=house,
        lexicon=lexicon,
        names=names.found,
        things={thing.id: thing for thing in house.things},
        domains=domains,
        area_names={area.id: area.name for area in house.areas},
        floor_areas={
            floor.id: frozenset(area.id for area in house.areas if area.floor == floor.id) for floor in house.floors
        },
        longest=max([lexicon.longest, *map(len, names.found)]),
    )


class _Names:
    """Collects what every phrase may name."""

    def __init__(self, lexicon: Lexicon) -> None:
        self.found: dict[tuple[str, ...], Named] = {}
        self._lexicon = lexicon
        self._rooms: dict[str, list[tuple[str, ...]]] = {}
        self._floors: set[str] = set()

    def add(self, phrase: tuple[str, ...], kind: str, ident: str) -> None:
        """One more meaning of a phrase; as in "all lights" it never is a thing, unless that is quoted."""
        if kind in _OF_THINGS and self._sweeping(phrase):
            if kind != "things":
                return
            phrase = (quotation(phrase),)
        named = self.found.get(phrase, Named())
        known: tuple[str, ...] = getattr(named, kind)
        if phrase and ident not in known:
            self.found[phrase] = replace(named, **{kind: (*known, ident)})

    def area(self, text: str, ident: str) -> None:
        """A room's name."""
        phrase = tuple(words(text, self._lexicon))
        self.add(phrase, "areas", ident)
        self._rooms.setdefault(ident, []).append(phrase)

    def floor(self, text: str, ident: str) -> None:
        """A floor's name."""
        phrase = tuple(words(text, self._lexicon))
        self.add(phrase, "floors", ident)
        self._floors.update(phrase)

    def thing(self, thing: HouseThing, domain: str) -> None:
        """A thing's names, and what is left of them once its room's name is left out."""
        for text in (thing.name, *thing.aliases):
            phrase = tuple(words(text, self._lexicon))
            rests = _rests(phrase, self._rooms.get(thing.area, []))
            nouns = [rest for rest in rests if "noun" in self._lexicon.phrases.get(rest, {})]
            if nouns and text != thing.name:
                continue  # "kitchen lights" is understood without being anybody's name
            if domain == "media" and self.found.get(phrase, Named()).areas:
                continue  # a speaker called like its room: the room is meant
            self.add(phrase, "things", thing.id)
            for size in () if thing.area else range(1, len(phrase)):
                if not self._noun(phrase[size - 1]):  # "desk lamp" of "Desk lamp 2": its noun says the rest
                    self.add(phrase[:size], "begins", thing.id)
                if phrase[size:] not in self._lexicon.phrases:  # "ceiling lamp" of "Garden room ceiling lamp"
                    self.add(phrase[size:], "partial", thing.id)
            for rest in rests:
                if rest not in nouns:
                    self.add(rest, "partial", thing.id)

    def _sweeping(self, phrase: tuple[str, ...]) -> bool:
        """Whether people who say it mean all of a kind or a place."""
        if "all" in self._lexicon.phrases.get(phrase, {}):
            return True
        placed = self._floors.union(word for rooms in self._rooms.values() for room in rooms for word in room)
        return not self._lexicon.quantifiers.isdisjoint(phrase) and all(
            word in self._lexicon.glue or word in placed for word in phrase
        )

    def _noun(self, word: str) -> bool:
        return "noun" in self._lexicon.phrases.get((word,), {})


def _domain(thing: HouseThing, lexicon: Lexicon) -> str:
    """Abilities tell garage doors from shades, and pools from rooms, whatever word the house uses."""
    if "water_temperature" in thing.properties:
        return "pool"
    domain = lexicon.domain(thing.domain)
    return "garage_door" if domain == "cover" and "position" not in thing.properties else domain


def _rests(phrase: tuple[str, ...], areas: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    return [phrase[len(area) :] for area in areas if len(phrase) > len(area) and phrase[: len(area)] == area]
