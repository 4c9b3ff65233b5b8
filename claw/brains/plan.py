"""Commands to tool calls: which property or action, and the value in the property's own unit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from claw.brains.colors import WHITE_KELVIN, color_value
from claw.errors import InvalidValue
from claw.model.intent import Command
from claw.model.json import Json
from claw.model.thing import Thing

_STEPS = {"brightness": 20.0, "volume": 10.0, "temperature": 1.0, "speed": 20.0, "position": 20.0}
_PROPERTY = {
    "brightness": "brightness", "volume": "volume", "temperature": "target_temperature", "speed": "speed",
    "position": "position", "color_temp": "color_temperature",
}  # fmt: skip
_FIXED: dict[str, tuple[str, bool]] = {
    "mute": ("mute", True), "unmute": ("mute", False), "lock": ("locked", True), "unlock": ("locked", False),
}  # fmt: skip
_F_PER_C = 1.8


@dataclass(frozen=True, slots=True)
class Step:
    """One tool call. `name` (of the property or action) and `value` say what it aims at, for questions and checks."""

    tool: str
    things: tuple[str, ...]
    name: str
    value: Json = None
    extra: dict[str, Json] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Json]:
        """The call's arguments."""
        if self.tool == "invoke_action":
            return {"things": list(self.things), "action": self.name}
        return {"things": list(self.things), "property": self.name, "value": self.value, **self.extra}


def celsius(value: float, unit: str, house_unit: str) -> float:
    """A temperature in celsius; a bare number is in the house's unit."""
    return round((value - 32) / _F_PER_C, 1) if (unit or house_unit) == "F" else value


def plan(command: Command, things: Iterable[Thing], house_unit: str) -> list[Step]:
    """The calls of one command, things that take the same call together. Raises InvalidValue."""
    return joined(_step(command, thing, house_unit) for thing in things)


def joined(steps: Iterable[Step]) -> list[Step]:
    """The same calls, those alike made once for all their things."""
    found: dict[tuple[str, str, str], Step] = {}
    for step in steps:
        key = (step.tool, step.name, repr((step.value, step.extra)))
        before = found[key].things if key in found else ()
        found[key] = replace(step, things=(*before, *step.things))
    return list(found.values())


def _step(command: Command, thing: Thing, house_unit: str) -> Step:
    action = "stop" if command.action == "pause" and "pause" not in thing.actions else command.action
    if action in {"turn_on", "turn_off"}:
        return _switch(thing, on=action == "turn_on", wish=command.value)
    if (fixed := _fixed(thing, action)) is not None:
        return fixed
    if action in thing.actions:
        return Step("invoke_action", (thing.id,), action)
    if action == "set_mode":
        return _mode(thing, str(command.value))
    if action == "set_color":
        return _color(thing, str(command.value))
    verb, _, attr = action.partition("_")
    if verb in {"set", "increase", "decrease"} and _PROPERTY.get(attr) in thing.properties:
        return _quantity(command, thing, verb, attr, house_unit)
    raise InvalidValue(f"{thing.title} can't do that.")


def _fixed(thing: Thing, action: str) -> Step | None:
    """An order whose value is in its verb."""
    if action == "toggle":
        return Step("set_property", (thing.id,), "on_off", None, {"toggle": True})
    if action in _FIXED:
        name, value = _FIXED[action]
        return Step("set_property", (thing.id,), name, value)
    if action in {"open", "close"} and "open" in thing.properties:
        return Step("set_property", (thing.id,), "open", action == "open")
    if action in {"open", "close"} and "position" in thing.properties:
        return Step("set_property", (thing.id,), "position", 100 if action == "open" else 0)
    return None


def _switch(thing: Thing, *, on: bool, wish: Json) -> Step:
    have, can = thing.properties, thing.actions
    if "on_off" in have:
        return Step("set_property", (thing.id,), "on_off", on)
    if "mode" in have:
        modes = have["mode"].enum
        mode = next((m for m in (wish, "auto", "heat", "cool") if m in modes), "auto") if on else "off"
        return Step("set_property", (thing.id,), "mode", mode)
    for action in ("activate", "start", "play") if on else ("pause", "stop"):
        if action in can:
            return Step("invoke_action", (thing.id,), action)
    raise InvalidValue(f"{thing.title} can't be turned {'on' if on else 'off'}.")


def _mode(thing: Thing, mode: str) -> Step:
    if "mode" in thing.properties:
        return Step("set_property", (thing.id,), "mode", mode)
    return Step("set_property", (thing.id,), "heat_mode", "heater" if mode == "heat" else mode)


def _color(thing: Thing, name: str) -> Step:
    if name == "white" and "color_temperature" in thing.properties:
        return Step("set_property", (thing.id,), "color_temperature", WHITE_KELVIN)
    return Step("set_property", (thing.id,), "color", color_value(name))


def _quantity(command: Command, thing: Thing, verb: str, attr: str, house_unit: str) -> Step:
    name = _PROPERTY[attr]
    if verb == "set":
        raw: Any = command.value
        number = celsius(float(raw), command.unit, house_unit) if attr == "temperature" else float(raw)
        return Step("set_property", (thing.id,), name, _whole(number))
    amount = command.amount if command.amount is not None else _STEPS[attr]
    if attr == "temperature" and command.amount is not None and (command.unit or house_unit) == "F":
        amount = round(amount / _F_PER_C, 1)
    step = _whole(amount if verb == "increase" else -amount)
    return Step("set_property", (thing.id,), name, step, {"relative": True})


def _whole(number: float) -> int | float:
    return int(number) if number.is_integer() else number
