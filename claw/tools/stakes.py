"""How risky it is to write one value to some things."""

from __future__ import annotations

from collections.abc import Iterable

from claw.model.affordance import Risk
from claw.model.json import Json
from claw.model.level import Level
from claw.model.thing import Thing
from claw.tools.ports import Desk
from claw.tools.tool import Stakes


def known(desk: Desk, things: Iterable[str]) -> list[Thing]:
    """The things that exist; the others are reported by the call itself."""
    return [desk.registry.things[thing] for thing in things if thing in desk.registry.things]


def proved(things: Iterable[Thing]) -> tuple[str, ...]:
    """Those that nobody has seen obey yet."""
    return tuple(thing.id for thing in things if thing.level < Level.WRITE_READ_BACK)


def of_writes(desk: Desk, writes: Iterable[tuple[str, str, Json]], *, any_value: bool = False) -> Stakes:
    """The stakes of writing (thing, property, value) triples. `any_value`: the value is not known beforehand."""
    risk, wary = Risk.HARMLESS, False
    unproved: list[str] = []
    for thing, name, value in writes:
        for one in known(desk, (thing,)):
            unproved.extend(proved((one,)))
            prop = one.properties.get(name)
            if prop is None:
                continue
            risk = max(risk, prop.risk if any_value else prop.risk_of(value))
            wary = wary or (prop.risk is Risk.SECURE and one.level < Level.WITNESSED)
    return Stakes(risk, tuple(dict.fromkeys(unproved)), wary)
