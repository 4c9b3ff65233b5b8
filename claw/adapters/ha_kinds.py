"""What each kind of Home Assistant MQTT entity is to us: capability, properties and actions. Pure.

Every builder gives `(capability, properties, actions)` or raises Unusable with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from claw.adapters.draft import Draft, clean
from claw.adapters.ha_config import Entity
from claw.adapters.ha_light import light
from claw.adapters.ha_parts import Unusable, command, numeric, prop, send, source, span, topic, words

Unit: TypeAlias = tuple[str, dict[str, Draft], dict[str, Draft]]

_MODES: Final = {"off": "off", "heat": "heat", "cool": "cool", "auto": "auto", "heat_cool": "auto"}
_ACTIVITY: Final = {"off": "idle", "idle": "idle", "heating": "heating", "cooling": "cooling", "fan": "idle",
                    "drying": "idle", "preheating": "heating", "defrosting": "heating"}  # fmt: skip
# device class -> property, and for each unit that we can convert the factor (or offset) to ours
_SENSORS: Final[Mapping[str, tuple[str, Mapping[str, list[Draft]]]]] = {
    "temperature": ("temperature", {"°C": [], "C": [], "°F": [{"op": "scale", "from": [32, 212], "to": [0, 100]}],
                                    "K": [{"op": "offset", "by": -273.15}]}),
    "humidity": ("humidity", {"%": []}),
    "illuminance": ("illuminance", {"lx": []}),
    "pressure": ("pressure", {"hPa": [], "mbar": [], "Pa": [{"op": "scale", "from": [0, 100], "to": [0, 1]}],
                              "kPa": [{"op": "scale", "from": [0, 1], "to": [0, 10]}]}),
    "atmospheric_pressure": ("pressure", {"hPa": [], "mbar": []}),
    "carbon_dioxide": ("carbon_dioxide", {"ppm": []}),
    "power": ("power", {"W": [], "kW": [{"op": "scale", "from": [0, 1], "to": [0, 1000]}]}),
    "energy": ("energy", {"kWh": [], "Wh": [{"op": "scale", "from": [0, 1000], "to": [0, 1]}]}),
    "voltage": ("voltage", {"V": [], "mV": [{"op": "scale", "from": [0, 1000], "to": [0, 1]}]}),
    "current": ("current", {"A": [], "mA": [{"op": "scale", "from": [0, 1000], "to": [0, 1]}]}),
    "battery": ("battery", {"%": []}),
}  # fmt: skip
_CONTACTS: Final = frozenset({"door", "window", "opening", "garage_door"})
_MOTIONS: Final = frozenset({"motion", "occupancy", "presence", "moving"})
_DOORS: Final = frozenset({"garage", "door", "gate"})


def _switch(entity: Entity) -> Unit:
    state = source(entity, "state_topic", "value_template")
    on, off = entity.text("payload_on", "ON"), entity.text("payload_off", "OFF")
    told = ((entity.text("state_on", on), True), (entity.text("state_off", off), False))
    codec = words((on, True), (off, False), *told, quoted=bool(state.found.path))
    write = command(entity, "command_topic", "command_template")
    return "switch", {"on_off": prop(entity, state, [codec], write)}, {}


def _cover(entity: Entity) -> Unit:
    if entity.text("device_class") in _DOORS:
        return _door(entity)
    properties: dict[str, Draft] = {}
    if topic(entity, "position_topic"):
        where = source(entity, "position_topic", "position_template")
        scale = span(entity, "position_closed", "position_open", 0, 100)
        write = command(entity, "set_position_topic", "set_position_template")
        properties["position"] = prop(entity, where, numeric(*scale, whole=True), write)
    state = source(entity, "state_topic", "value_template") if topic(entity, "state_topic") else None
    if state is not None:
        moving = [(entity.text(f"state_{word}", word), word) for word in ("opening", "closing", "stopped")]
        still = [(entity.text("state_open", "open"), "stopped"), (entity.text("state_closed", "closed"), "stopped")]
        codec = words(*moving, *still, quoted=bool(state.found.path))
        properties["motion_state"] = prop(entity, state, [codec])
        if "position" not in properties:
            properties["position"] = _ends(entity)
    if "position" not in properties:
        raise Unusable("tells neither its position nor its state")
    if topic(entity, "tilt_status_topic"):
        where = source(entity, "tilt_status_topic", "tilt_status_template")
        scale = span(entity, "tilt_min", "tilt_max", 0, 100)
        write = command(entity, "tilt_command_topic", "tilt_command_template")
        properties["tilt"] = prop(entity, where, numeric(*scale, whole=True), write)
    return "cover", properties, _presses(entity)


def _ends(entity: Entity) -> Draft:
    """A position of which only the ends can be told and ordered: between reads half-way, and goes to the nearer."""
    state = source(entity, "state_topic", "value_template")
    orders = ((entity.text("payload_open", "OPEN"), 1), (entity.text("payload_close", "CLOSE"), 0))
    ends = ((entity.text("state_open", "open"), 1), (entity.text("state_closed", "closed"), 0))
    between = [(entity.text(f"state_{word}", word), 0.5) for word in ("opening", "closing", "stopped")]
    codec: list[Draft] = [
        words(*orders, *ends, *between, quoted=bool(state.found.path)),
        {"op": "round", "wire_digits": 0},
        {"op": "scale", "from": [0, 1], "to": [0, 100]},
    ]
    return prop(entity, state, codec, command(entity, "command_topic"))


def _presses(entity: Entity) -> dict[str, Draft]:
    where = topic(entity, "command_topic")
    words_ = {"open": "OPEN", "close": "CLOSE", "stop": "STOP"}
    return {
        action: {"forms": [send(entity, "invokeaction", where, payload)]}
        for action, usual in words_.items()
        if where and (payload := entity.text(f"payload_{action}", usual)) and "{" not in payload
    }


def _door(entity: Entity) -> Unit:
    state = source(entity, "state_topic", "value_template")
    names = {word: entity.text(f"state_{word}", word) for word in ("open", "closed", "opening", "closing", "stopped")}
    codec = words(
        (entity.text("payload_open", "OPEN"), True),
        (entity.text("payload_close", "CLOSE"), False),
        *((names[word], word != "closed") for word in names),
    )
    told = words(*((name, word) for word, name in names.items()), quoted=bool(state.found.path))
    return (
        "garage_door",
        {
            "open": prop(entity, state, [codec], command(entity, "command_topic")),
            "door_state": prop(entity, state, [told]),
        },
        {},
    )


def _fan(entity: Entity) -> Unit:
    state = source(entity, "state_topic", "state_value_template")
    codec = words((entity.text("payload_on", "ON"), True), (entity.text("payload_off", "OFF"), False),
                  quoted=bool(state.found.path))  # fmt: skip
    write = command(entity, "command_topic", "command_template")
    properties = {"on_off": prop(entity, state, [codec], write)}
    if topic(entity, "percentage_state_topic"):
        where = source(entity, "percentage_state_topic", "percentage_value_template")
        scale = span(entity, "", "speed_range_max", 0, 100)
        set_ = command(entity, "percentage_command_topic", "percentage_command_template")
        properties["speed"] = prop(entity, where, numeric(*scale, whole=True), set_)
    if topic(entity, "oscillation_state_topic"):
        where = source(entity, "oscillation_state_topic", "oscillation_value_template")
        on = entity.text("payload_oscillation_on", "oscillate_on")
        off = entity.text("payload_oscillation_off", "oscillate_off")
        set_ = command(entity, "oscillation_command_topic", "oscillation_command_template")
        properties["oscillate"] = prop(entity, where, [words((on, True), (off, False))], set_)
    if topic(entity, "direction_state_topic"):
        where = source(entity, "direction_state_topic", "direction_value_template")
        set_ = command(entity, "direction_command_topic", "direction_command_template")
        table = words(("forward", "forward"), ("reverse", "reverse"))
        properties["direction"] = prop(entity, where, [table], set_)
    return "fan", properties, {}


def _climate(entity: Entity) -> Unit:
    fahrenheit = entity.text("temperature_unit", "C").upper().startswith("F")
    degrees: list[Draft] = [{"op": "scale", "from": [32, 212], "to": [0, 100]}] if fahrenheit else []
    tidy: Draft = {"op": "round", "digits": 2}
    wanted = source(entity, "temperature_state_topic", "temperature_state_template")
    now = source(entity, "current_temperature_topic", "current_temperature_template")
    write = command(entity, "temperature_command_topic", "temperature_command_template")
    ends = {}
    for name, key, ours in (("minimum", "min_temp", 5.0), ("maximum", "max_temp", 35.0)):
        theirs = entity.number(key, ours * 1.8 + 32 if fahrenheit else ours)
        ends[name] = round(min(max((theirs - 32) / 1.8 if fahrenheit else theirs, 5), 35), 1)
    if ends["minimum"] >= ends["maximum"]:
        raise Unusable("has an empty temperature range")
    properties = {
        "temperature": prop(entity, now, numeric(*degrees, tidy)),
        "target_temperature": prop(entity, wanted, numeric(*degrees, {**tidy, "wire_digits": 2}), write, **ends),
    }
    if topic(entity, "mode_state_topic"):
        where = source(entity, "mode_state_topic", "mode_state_template")
        listed = entity.config.get("modes")
        known = (
            [mode for mode in listed if isinstance(mode, str) and mode in _MODES]
            if isinstance(listed, list)
            else list(_MODES)[:4]
        )
        if known:
            table = words(*((mode, _MODES[mode]) for mode in known))
            set_ = command(entity, "mode_command_topic", "mode_command_template")
            modes = [mode for mode in ("off", "heat", "cool", "auto") if mode in table["map"].values()]
            properties["mode"] = prop(entity, where, [table], set_, enum=modes)
    if topic(entity, "action_topic"):
        where = source(entity, "action_topic", "action_template")
        properties["activity"] = prop(entity, where, [words(*_ACTIVITY.items())])
    return "thermostat", properties, {}


def _lock(entity: Entity) -> Unit:
    if entity.text("code_format"):
        raise Unusable("wants a code with each order")
    state = source(entity, "state_topic", "value_template")
    jam = entity.text("state_jammed", "JAMMED")
    states = ("locked", "unlocked", "locking", "unlocking")
    names = [(entity.text(f"state_{word}", word.upper()), word == "locked") for word in states]
    orders = ((entity.text("payload_lock", "LOCK"), True), (entity.text("payload_unlock", "UNLOCK"), False))
    codec = words(*orders, *names, (jam, False), quoted=bool(state.found.path))
    write = command(entity, "command_topic", "command_template")
    jammed = words((jam, True), *((name, False) for name, _ in names))
    return "lock", {"locked": prop(entity, state, [codec], write), "jammed": prop(entity, state, [jammed])}, {}


def _sensor(entity: Entity) -> Unit:
    state = source(entity, "state_topic", "value_template")
    unit = clean(entity.text("unit_of_measurement"), "", 30)
    name, units = _SENSORS.get(entity.text("device_class"), ("", {}))
    if name and unit in units:
        return "sensor", {name: prop(entity, state, numeric(*units[unit], {"op": "round", "digits": 3}))}, {}
    if not unit and not entity.text("state_class"):
        raise Unusable("is not a number")
    titled: dict[str, Any] = {"title": entity.title, **({"unit": unit} if unit else {})}
    return "sensor", {"value": prop(entity, state, numeric(), **titled)}, {}


def _number(entity: Entity) -> Unit:
    """A number is a setting of unknown meaning: it is read like a sensor, and never written."""
    state = source(entity, "state_topic", "value_template")
    unit = clean(entity.text("unit_of_measurement"), "", 30)
    titled: dict[str, Any] = {"title": entity.title, **({"unit": unit} if unit else {})}
    return "sensor", {"value": prop(entity, state, numeric(), **titled)}, {}


def _binary(entity: Entity) -> Unit:
    kind = entity.text("device_class")
    if kind not in _CONTACTS | _MOTIONS:
        raise Unusable(f"is of the class {clean(kind, 'none', 40)}, for which there is no capability")
    state = source(entity, "state_topic", "value_template")
    codec = words((entity.text("payload_on", "ON"), True), (entity.text("payload_off", "OFF"), False),
                  quoted=bool(state.found.path))  # fmt: skip
    capability, name = ("contact", "contact_open") if kind in _CONTACTS else ("motion", "motion")
    return capability, {name: prop(entity, state, [codec])}, {}


KINDS: Final[Mapping[str, Callable[[Entity], Unit]]] = {
    "light": light,
    "switch": _switch,
    "cover": _cover,
    "fan": _fan,
    "climate": _climate,
    "lock": _lock,
    "sensor": _sensor,
    "number": _number,
    "binary_sensor": _binary,
}
