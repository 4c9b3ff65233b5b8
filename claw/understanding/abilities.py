"""What a thing must have for an order to make sense."""

from __future__ import annotations

from claw.model.house import HouseThing

_NEEDS: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "turn_on": (frozenset({"on_off", "mode", "playback"}), frozenset({"activate", "start", "play"})),
    "turn_off": (frozenset({"on_off", "mode", "playback"}), frozenset({"stop", "pause"})),
    "toggle": (frozenset({"on_off"}), frozenset()),
    "set_brightness": (frozenset({"brightness"}), frozenset()),
    "set_color": (frozenset({"color"}), frozenset()),
    "set_color_temp": (frozenset({"color_temperature"}), frozenset()),
    "set_temperature": (frozenset({"target_temperature"}), frozenset()),
    "set_mode": (frozenset({"mode", "heat_mode"}), frozenset()),
    "set_position": (frozenset({"position"}), frozenset()),
    "set_volume": (frozenset({"volume"}), frozenset()),
    "set_speed": (frozenset({"speed"}), frozenset()),
    "open": (frozenset({"position", "open"}), frozenset({"open"})),
    "close": (frozenset({"position", "open"}), frozenset({"close"})),
    "stop": (frozenset(), frozenset({"stop"})),
    "start": (frozenset(), frozenset({"start"})),
    "play": (frozenset(), frozenset({"play"})),
    "pause": (frozenset(), frozenset({"pause"})),
    "next": (frozenset(), frozenset({"next"})),
    "previous": (frozenset(), frozenset({"previous"})),
    "dock": (frozenset(), frozenset({"dock"})),
    "activate": (frozenset(), frozenset({"activate"})),
    "mute": (frozenset({"mute"}), frozenset()),
    "unmute": (frozenset({"mute"}), frozenset()),
    "lock": (frozenset({"locked"}), frozenset()),
    "unlock": (frozenset({"locked"}), frozenset()),
}
_LACKS = {
    "set_brightness": "can't be dimmed",
    "set_color": "has no colours",
    "set_color_temp": "has only one white",
    "set_temperature": "has no temperature to set",
    "set_position": "can't stop part of the way",
    "set_volume": "has no volume",
    "set_speed": "has only one speed",
    "lock": "has no lock",
    "unlock": "has no lock",
}


def able(thing: HouseThing, action: str) -> bool:
    """Whether `thing` can do `action`."""
    for step in ("increase_", "decrease_"):
        action = action.replace(step, "set_")
    properties, actions = _NEEDS[action]
    return not properties.isdisjoint(thing.properties) or not actions.isdisjoint(thing.actions)


def lacks(action: str) -> str:
    """Why not, in words that follow the thing's name."""
    for step in ("increase_", "decrease_"):
        action = action.replace(step, "set_")
    return _LACKS.get(action, f"can't {action.replace('_', ' ')}")
