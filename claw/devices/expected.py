"""What an action should be seen to do: the property to read back, and the values that prove it."""

from __future__ import annotations

from dataclasses import dataclass

from claw.errors import InvalidValue, NotFound
from claw.model.affordance import Action
from claw.model.json import Json, JsonObject
from claw.model.thing import Thing

MAX_ARGUMENT = 256
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
    "object": (dict,),
    "array": (list, tuple),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """`asked` is the proof; `also` are values that a device may honestly report instead."""

    property: str
    asked: Json
    also: tuple[Json, ...] = ()


EFFECTS = {
    "play": Expected("playback", "playing"),
    "play_favourite": Expected("playback", "playing"),
    "pause": Expected("playback", "paused", ("stopped",)),  # a radio stream has no pause
    "open": Expected("position", 100),
    "close": Expected("position", 0),
}
STOPS = (Expected("playback", "stopped", ("paused",)), Expected("motion_state", "stopped"))


def expected(thing: Thing, action: str) -> Expected | None:
    """What to look for after `action`, or None when nothing of it can be seen."""
    wanted = STOPS if action == "stop" else (EFFECTS.get(action),)
    return next((one for one in wanted if one is not None and one.property in thing.properties), None)


def check(thing: Thing, name: str, arguments: JsonObject) -> Action:
    """The action, its arguments checked. Raises NotFound, or InvalidValue naming what it takes."""
    if name not in thing.actions:
        there = ", ".join(thing.actions) or "none"
        raise NotFound(f"{thing.title} has no action {name!r}; it has: {there}.")
    action = thing.actions[name]
    if unknown := set(arguments) - set(action.input):
        takes = ", ".join(action.input) or "nothing"
        raise InvalidValue(f"{action.title} does not take {min(unknown)!r}; it takes: {takes}.")
    for key, kind in action.input.items():
        value = arguments.get(key)
        right = isinstance(value, TYPES.get(kind, (object,))) and not (isinstance(value, bool) and kind != "boolean")
        if not right or (isinstance(value, str) and not 0 < len(value) <= MAX_ARGUMENT):
            raise InvalidValue(f"{action.title} needs {key!r}, a {kind} of at most {MAX_ARGUMENT} characters.")
    return action
