"""The house as a sentence may refer to it, built from things and areas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from claw.devices.kinds import kind
from claw.devices.names import spoken
from claw.model.house import Floor, House, HouseThing
from claw.model.json import Json
from claw.model.thing import Area, Thing
from claw.state import State


class LiveValues(Mapping[str, Json]):
    """A thing's last values, looked up when asked for: a house that is cached never goes stale."""

    def __init__(self, state: State, thing: str) -> None:
        self._state = state
        self._thing = thing

    def __getitem__(self, name: str) -> Json:
        return self._state.of(self._thing)[name].value

    def __iter__(self) -> Iterator[str]:
        return iter(self._state.of(self._thing))

    def __len__(self) -> int:
        return len(self._state.of(self._thing))


def aliases(thing: Thing, area: Area | None) -> tuple[str, ...]:
    """What else a thing is called: the names people gave it, then `kitchen light` and `kitchen lights`."""
    found = dict.fromkeys(thing.aliases)
    if area is not None:
        for place in (area.name, *area.aliases):
            for noun in kind(thing.capabilities).nouns:
                found[f"{place} {noun}".lower()] = None
                found[f"{place} {noun}s".lower()] = None
    found.pop(spoken(thing.title), None)
    return tuple(found)


def build(
    things: Iterable[Thing],
    areas: Mapping[str, Area],
    state: State,
    *,
    people: tuple[str, ...] = (),
    temperature_unit: str = "C",
    revision: int = 0,
) -> House:
    """The whole house; order follows the registry, so that equal registries give equal houses."""
    floors = dict.fromkeys(area.floor for area in areas.values() if area.floor)
    return House(
        things=tuple(
            HouseThing(
                id=thing.id,
                name=thing.title,
                domain=kind(thing.capabilities).domain,
                area=thing.area,
                properties=frozenset(thing.properties),
                actions=frozenset(thing.actions),
                aliases=aliases(thing, areas.get(thing.area)),
                state=LiveValues(state, thing.id),
            )
            for thing in things
        ),
        areas=tuple(areas.values()),
        floors=tuple(Floor(floor, (floor.replace("_", " "),) if "_" in floor else ()) for floor in floors),
        people=people,
        temperature_unit=temperature_unit,
        revision=revision,
    )
