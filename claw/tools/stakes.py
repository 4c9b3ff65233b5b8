"""How risky it is to write one value to some things."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import anyio

from claw.capabilities import catalog
from claw.errors import ClawError
from claw.model.affordance import Property, Risk
from claw.model.context import Context
from claw.model.json import Json
from claw.model.level import Level
from claw.model.thing import Thing
from claw.tools.ports import Desk
from claw.tools.tool import Stakes


class Write(NamedTuple):
    """One value to be written. `change`: "step" adds it to the present one, "toggle" turns that over."""

    thing: str
    name: str
    value: Json
    change: str = ""


def known(desk: Desk, things: Iterable[str]) -> list[Thing]:
    """The things that exist; the others are reported by the call itself."""
    return [desk.registry.things[thing] for thing in things if thing in desk.registry.things]


def proved(things: Iterable[Thing]) -> tuple[str, ...]:
    """Those that nobody has seen obey yet."""
    return tuple(thing.id for thing in things if thing.level < Level.WRITE_READ_BACK)


async def of_writes(desk: Desk, writes: Iterable[Write]) -> Stakes:
    """The stakes of writes. What a risk depends on is read now: a set point may have been turned at the wall."""
    listed = list(writes)
    unproved = [thing for write in listed for thing in proved(known(desk, (write.thing,)))]
    risks, wary = [Risk.HARMLESS], []

    async def weigh(write: Write, thing: Thing, rules: list[Property]) -> None:
        now = await _now(desk, write) if any(rule.worst > rule.risk for rule in rules) else None
        risks.extend(_risk(rule, write, now) for rule in rules)
        wary.append(thing.level < Level.WITNESSED and any(rule.risk is Risk.SECURE for rule in rules))

    async with anyio.create_task_group() as group:
        for write in listed:
            for thing in known(desk, (write.thing,)):
                group.start_soon(weigh, write, thing, ruling(thing, write.name))
    return Stakes(max(risks), tuple(dict.fromkeys(unproved)), any(wary))


def ruling(thing: Thing, name: str) -> list[Property]:
    """Who has a say about a property's risk: the thing, which may have been stored long ago, and the catalogue."""
    own = thing.properties.get(name)
    specs = (catalog.capability(one).properties.get(name) for one in thing.capabilities if one in catalog.names())
    return [] if own is None else [own, *(spec for spec in specs if spec is not None)]


def number(value: Json) -> float | None:
    """A number; no truth value, no text."""
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def stepped(prop: Property, now: float, step: float, lowest: float | None) -> float:
    """Where a step from `now` ends, clamped."""
    value = round(now + step, 2)
    if lowest is not None:
        value = max(lowest, value)
    return value if prop.maximum is None else min(prop.maximum, value)


def _risk(rule: Property, write: Write, now: float | None) -> Risk:
    if write.change == "toggle":
        return rule.worst
    if write.change != "step":
        return rule.risk_of(write.value, now)
    step = number(write.value)
    if rule.worst == rule.risk or now is None or step is None:
        return rule.worst
    return rule.risk_of(stepped(rule, now, step, rule.minimum), now)


async def _now(desk: Desk, write: Write) -> float | None:
    try:
        found = await desk.things.get(write.thing).read(write.name, context=Context.new("poll"))
    except ClawError:
        return None  # the risk is then the highest, and the write itself tells what is wrong
    return number(found[write.name].value) if write.name in found else None
