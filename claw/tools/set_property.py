"""Set a property of one or many things, and see whether it happened."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from claw.devices.values import accept
from claw.errors import DeviceGarbage, InvalidValue
from claw.model.affordance import Risk
from claw.model.effect import Effect
from claw.model.json import Json, JsonObject
from claw.tools.ports import Desk
from claw.tools.stakes import Write, number, of_writes, ruling, stepped
from claw.tools.together import together
from claw.tools.tool import Caller, Stakes, Tool, ToolResult

_WAKES = frozenset({"brightness", "color", "color_temperature", "speed"})  # pointless while the thing is off
_NEVER_ZERO = frozenset({"brightness", "speed"})  # "dimmer" does not mean off


async def set_property(  # noqa: PLR0917 - the two in front are the toolbox's, the others come by name
    desk: Desk,
    caller: Caller,
    things: list[str],
    property: str,  # noqa: A002 - the word of the vocabulary
    value: JsonValue = None,
    relative: bool = False,  # noqa: FBT001, FBT002 - arguments arrive by name, as JSON
    toggle: bool = False,  # noqa: FBT001, FBT002 - as above
) -> ToolResult:
    """Set a property of things to a value in human units, then read it back.

    things: ids. property: its name (on_off, brightness, target_temperature ...). value: percent, kelvin, celsius,
    true or false, or a colour as hue and saturation. relative: add the value to what it is now. toggle: turn a
    true-or-false property over.
    """

    async def one(thing: str) -> tuple[Effect, ...]:
        driven = desk.things.get(thing)
        there = desk.registry.things[thing].properties
        name = property
        wanted: Json = value
        if name in _NEVER_ZERO and not relative and wanted == 0 and "on_off" in there:
            name, wanted = "on_off", False
        if relative or toggle:
            wanted = await _from_now(desk, caller, thing, name, value, toggle=toggle)
        if name in there:
            accept(there[name], wanted)  # refused before anything is woken for it
        effects: list[Effect] = []
        if name in _WAKES and name in there and "on_off" in there and _off(desk, thing):
            woken = await driven.write("on_off", True, caller.context, confirmed=caller.confirmed)  # noqa: FBT003
            effects.append(woken)
            if not woken.verified:
                return tuple(effects)
        effects.append(await driven.write(name, wanted, caller.context, confirmed=caller.confirmed))
        return tuple(effects)

    return ToolResult(effects=await together(desk, things, property, value, one))


def _off(desk: Desk, thing: str) -> bool:
    reading = desk.readings.get(thing, "on_off")
    return reading is None or reading.value is not True


async def _from_now(desk: Desk, caller: Caller, thing: str, name: str, value: Json, *, toggle: bool) -> Json:
    """What a toggle or a step comes to, from a fresh reading."""
    found = await desk.things.get(thing).read(name, context=caller.context)
    now: Any = found[name].value if name in found else None
    title = desk.registry.things[thing].title
    if toggle:
        if not isinstance(now, bool):
            raise DeviceGarbage(f"{title} does not say whether it is on; say on or off.")
        return not now
    step, start = number(value), number(now)
    if step is None:
        raise InvalidValue(f"A step is a number; {value!r} is not.")
    if start is None:
        raise DeviceGarbage(f"{title} does not say its {name.replace('_', ' ')}; give a value instead of a step.")
    known = desk.registry.things[thing]
    prop = known.properties[name]
    wanted = stepped(prop, start, step, max(prop.minimum or 0, 1) if name in _NEVER_ZERO else prop.minimum)
    risky = any(rule.risk_of(wanted, start) is Risk.SECURE for rule in ruling(known, name))
    if risky and not caller.confirmed:  # it was judged by where the device stood a moment ago
        raise InvalidValue(f"{title} has changed since; say it again.")
    return wanted


async def judge(desk: Desk, arguments: JsonObject) -> Stakes:
    """The highest risk of the properties and values touched."""
    name, value = str(arguments["property"]), arguments.get("value")
    things: Any = arguments["things"]
    unknown_value = bool(arguments.get("relative") or arguments.get("toggle"))
    if not unknown_value:
        _refuse(desk, things, name, value)
    change = "toggle" if arguments.get("toggle") else "step" if arguments.get("relative") else ""
    return await of_writes(desk, (Write(thing, name, value, change) for thing in things))


def _refuse(desk: Desk, things: list[str], name: str, value: Json) -> None:
    """Nobody is asked for a yes to what none of the things can take. Raises InvalidValue."""
    specs = [desk.registry.things[thing].properties.get(name) for thing in things if thing in desk.registry.things]
    refused: list[InvalidValue] = []
    for prop in specs:
        try:
            if prop is not None:
                accept(prop, value)
        except InvalidValue as error:
            refused.append(error)
    if refused and len(refused) == len(specs):
        raise refused[0]


TOOL = Tool(set_property, Risk.HARMLESS, judge)
