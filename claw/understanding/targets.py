"""From what a piece points at to thing ids, or to a question."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from claw.model.house import HouseThing
from claw.understanding.ask import Ask, unknown, which
from claw.understanding.index import Index
from claw.understanding.pieces import Group
from claw.understanding.text import words

EVERYTHING = ("light", "switch", "fan", "media")  # what "turn everything off" may touch; never locks or heat
_WHOLE = frozenset({"media", "climate"})  # one word for the whole house does for these

Fits = Callable[[HouseThing], bool]


@dataclass(frozen=True, slots=True)
class Targets:
    """Things by id, in house order. `scope`: device, area, floor, all or unspecified."""

    ids: tuple[str, ...]
    scope: str
    areas: tuple[str, ...] = ()


def resolve(
    group: Group, index: Index, hints: Sequence[str], fits: Fits, referents: tuple[str, ...]
) -> Targets | Ask:
    """Find what is meant. `hints`: domains that the action suggests, best first; `fits`: able to do it."""
    if group.it:
        known = tuple(thing for thing in referents if thing in index.things)
        return Targets(known, "device") if known else Ask("no_referent", "Which one do you mean?")
    areas = places(group, index)
    elsewhere = areas is not None and group.noun and not any(index.things[t].area in areas for t in group.things)
    if group.partial or (group.things and not elsewhere):
        return _named(group, index, areas, fits)
    domains = (group.noun,) if group.noun else tuple(hints)
    scope = "area" if group.areas else "floor" if group.floors else "all" if group.all else "unspecified"
    if group.all == "everything" and not group.noun:
        domains = EVERYTHING
        found = [t.id for t in _inside(index, areas) if index.domain(t.id) in domains and fits(t)]
        return Targets(tuple(found), scope, tuple(areas or ()))
    for domain in domains:
        inside = [t for t in _inside(index, areas) if index.domain(t.id) == domain]
        if group.begins:
            inside = [t for t in inside if t.id in group.begins]
        chosen = narrowed(inside, group, index)
        if chosen:
            return _chosen(chosen, group, index, Targets(tuple(t.id for t in chosen), scope, tuple(areas or ())))
    return _nothing(group, index)


def places(group: Group, index: Index) -> frozenset[str] | None:
    """The areas a group is limited to; None for the whole house."""
    if not (group.areas or group.floors):
        return None
    found = set(group.areas)
    for floor in group.floors:
        found |= index.floor_areas.get(floor, frozenset())
    return frozenset(found)


def _inside(index: Index, areas: frozenset[str] | None) -> list[HouseThing]:
    return [t for t in index.house.things if areas is None or t.area in areas]


def narrowed(inside: list[HouseThing], group: Group, index: Index) -> list[HouseThing]:
    """As in "blinds" means those called so, if any are; "TV" never means a speaker."""
    if not group.word or group.word in index.lexicon.generic:
        return inside
    stem = tuple(group.word.split())
    called = [t for t in inside if any(_says(name, stem, index) for name in (t.name, *t.aliases))]
    return called or ([] if group.word in index.lexicon.distinct else inside)


def _says(name: str, stem: tuple[str, ...], index: Index) -> bool:
    said = [word.removesuffix("s") for word in words(name, index.lexicon)]
    return any(tuple(said[i : i + len(stem)]) == stem for i in range(len(said)))


def _named(group: Group, index: Index, areas: frozenset[str] | None, fits: Fits) -> Targets | Ask:
    ids = group.things
    if group.partial:
        partial = [t for t in group.partial if areas is None or index.things[t].area in areas]
        # of those that share the name, the ones that it makes sense for
        partial = [t for t in partial if fits(index.things[t])] or partial
        partial = [t for t in partial if index.domain(t) == group.noun] or partial
        if len(partial) > 1 and not group.all:
            return which(group.text, [_distinct(index.things[t], partial, index) for t in partial])
        ids += tuple(partial)
    elif areas is not None:
        outside = [t for t in ids if index.things[t].area not in areas and index.things[t].area]
        if outside:
            thing = index.things[outside[0]]
            return Ask(
                "unknown_device", f"The {thing.name} is in the {index.area_names.get(thing.area, thing.area)}."
            )
    if not ids:
        return unknown(group.text)
    odd = [t for t in ids if group.noun and index.domain(t) != group.noun]
    if odd and not all(_says(index.things[t].name, tuple(group.word.split()), index) for t in odd):
        return unknown(group.text)
    return Targets(tuple(dict.fromkeys(ids)), "device")


def _distinct(thing: HouseThing, among: Sequence[str], index: Index) -> str:
    """A thing's name, or its room's where the name does not tell."""
    same = sum(index.things[t].name == thing.name for t in among) > 1
    return f"the one in the {index.area_names.get(thing.area, thing.area)}" if same and thing.area else thing.name


def _chosen(chosen: list[HouseThing], group: Group, index: Index, targets: Targets) -> Targets | Ask:
    many = group.plural or group.all or group.areas or group.floors or group.begins or len(chosen) == 1
    if many:
        return targets
    domain = index.domain(chosen[0].id)
    if domain == "climate":
        main = [t for t in chosen if not any(words(t.name, index.lexicon)[: len(a)] == a for a in _area_words(index))]
        if len(main) == 1:
            return Targets((main[0].id,), "unspecified")
    elif domain in _WHOLE and (not group.noun or group.word in index.lexicon.mass):
        return targets
    if group.word in index.lexicon.mass and domain == "light":
        return targets
    return which(group.word or domain.replace("_", " "), [t.name for t in chosen])


def _area_words(index: Index) -> list[list[str]]:
    return [words(name, index.lexicon) for name in index.area_names.values()]


def _nothing(group: Group, index: Index) -> Ask:
    if group.noun and (group.areas or group.floors):
        where = index.area_names.get(group.areas[0], "") if group.areas else group.floors[0]
        return Ask("unknown_device", f"I know no {group.word} in the {where}.")
    if group.noun:
        return unknown(group.text)
    return Ask("missing_value", "What should I do that to?")
