"""Home Assistant's MQTT lights, in their three schemas: default, json and template. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

from claw.adapters.draft import Draft
from claw.adapters.ha_config import Entity
from claw.adapters.ha_parts import Source, Unusable, command, inside, numeric, prop, send, source, topic, words
from claw.adapters.ha_template import Selection

_MIREDS: Final = 1_000_000
_DIM: Final = frozenset({"brightness", "color_temp", "hs", "rgb", "rgbw", "rgbww", "xy"})
_COLORS: Final = {
    "hs": ("hsv_deg", {"h": "{value.hue}", "s": "{value.saturation}"}),
    "rgb": ("rgb", "{value}"),
    "xy": ("xy", "{value}"),
}


def light(entity: Entity) -> tuple[str, dict[str, Draft], dict[str, Draft]]:
    """Capability, properties and actions of a light. Raises Unusable."""
    build = {"json": _json, "template": _template}.get(entity.text("schema", "default"), _default)
    return "light", build(entity), {}


def _default(entity: Entity) -> dict[str, Draft]:
    state = source(entity, "state_topic", "state_value_template")
    codec = words((entity.text("payload_on", "ON"), True), (entity.text("payload_off", "OFF"), False),
                  quoted=bool(state.found.path))  # fmt: skip
    found = {"on_off": prop(entity, state, [codec], command(entity, "command_topic"))}
    if topic(entity, "brightness_state_topic"):
        where = source(entity, "brightness_state_topic", "brightness_value_template")
        write = command(entity, "brightness_command_topic", "brightness_command_template")
        found["brightness"] = prop(entity, where, _level(entity), write)
    if topic(entity, "color_temp_state_topic"):
        where = source(entity, "color_temp_state_topic", "color_temp_value_template")
        write = command(entity, "color_temp_command_topic", "color_temp_command_template")
        found["color_temperature"] = _white(entity, where, write)
    return found


def _json(entity: Entity) -> dict[str, Draft]:
    where = source(entity, "state_topic", "")
    order = topic(entity, "command_topic")

    def write(**members: Any) -> Draft | None:  # noqa: ANN401 - any JSON
        return send(entity, "writeproperty", order, {"state": "ON", **members}) if order else None

    on_off = send(entity, "writeproperty", order, {"state": "{value}"}) if order else None
    found = {"on_off": prop(entity, inside(where, "state"), [words(("ON", True), ("OFF", False))], on_off)}
    listed = entity.config.get("supported_color_modes")
    modes = [mode for mode in listed if isinstance(mode, str)] if isinstance(listed, list) else []
    if entity.config.get("brightness") is True or _DIM & set(modes):
        level = write(brightness="{value}")
        found["brightness"] = prop(entity, inside(where, "brightness"), _level(entity), level)
    if "color_temp" in modes:
        found["color_temperature"] = _white(entity, inside(where, "color_temp"), write(color_temp="{value}"))
    mode = next((mode for mode in modes if mode in _COLORS), None)
    if mode is not None:
        wire, body = _COLORS[mode]
        found["color"] = prop(entity, inside(where, "color"), [{"op": "color", "wire": wire}], write(color=body))
    return found


def _template(entity: Entity) -> dict[str, Draft]:
    """On and off, when the two command templates are plain words."""
    on, off = entity.text("command_on_template"), entity.text("command_off_template")
    if not on or not off or "{" in on + off:
        raise Unusable("has command templates that compute")
    state = source(entity, "state_topic", "state_template")
    codec = words((on, True), (off, False), ("on", True), ("off", False))
    return {"on_off": prop(entity, state, [codec], command(entity, "command_topic"))}


def _level(entity: Entity) -> Sequence[Draft]:
    top = entity.number("brightness_scale", 255)
    if top < 1:
        raise Unusable("has an empty brightness scale")
    scale: list[Draft] = [] if top == 100 else [{"op": "scale", "from": [0, top], "to": [0, 100]}]  # noqa: PLR2004
    return [*numeric(*scale, whole=True), {"op": "round", "digits": 0 if top >= 100 else 2}]  # noqa: PLR2004


def _white(entity: Entity, where: Source, write: Draft | None) -> Draft:
    """Colour temperature in kelvin, whichever way the light writes it."""
    tidy: Draft = {"op": "round", "digits": 0}
    if entity.config.get("color_temp_kelvin") is True:
        ends = [entity.number("min_kelvin", 2000), entity.number("max_kelvin", 6535)]
        codec = [*numeric(whole=True), tidy]
    else:
        mireds = [entity.number("max_mireds", 500), entity.number("min_mireds", 153)]
        if min(mireds) <= 0:
            raise Unusable("has an impossible colour temperature")
        ends = [math.ceil(_MIREDS / mireds[0]), math.floor(_MIREDS / mireds[1])]
        codec = [*numeric({"op": "reciprocal", "of": _MIREDS}, whole=True), tidy]
    low, high = max(ends[0], 1000), min(ends[1], 10000)
    if low >= high:
        raise Unusable("has an empty colour temperature range")
    plain = Source(where.topic, Selection(where.found.select, where.found.path))
    return prop(entity, plain if not where.found.codec else where, codec, write, minimum=low, maximum=high)
