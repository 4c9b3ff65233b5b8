"""Home Assistant's MQTT discovery messages as entities: abbreviations spelled out, base topics filled in.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery. Lenient and bounded; pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from claw.adapters.draft import clean

MAX_ENTITIES: Final = 2000
_TOPIC: Final = re.compile(r"[^/]{1,80}/([a-z_]{1,40})(?:/([^/]{1,120}))?/([^/]{1,120})/config")

# abbreviations whose words are not simply the parts' words
_WHOLE: Final[Mapping[str, str]] = {
    "avty": "availability", "cmps": "components", "dev": "device", "dev_cla": "device_class", "name": "name",
    "ids": "identifiers", "cns": "connections", "mf": "manufacturer", "mdl": "model", "sn": "serial_number",
    "ret": "retain", "schema": "schema", "t": "topic", "uniq_id": "unique_id", "unit_of_meas": "unit_of_measurement",
    "sup_clrm": "supported_color_modes", "clrm": "color_mode", "clr_temp_k": "color_temp_kelvin", "bri": "brightness",
    "p": "platform", "obj_id": "object_id", "stat_cla": "state_class", "max_k": "max_kelvin", "min_k": "min_kelvin",
    "bri_scl": "brightness_scale", "spd_rng_max": "speed_range_max", "spd_rng_min": "speed_range_min",
    "pos_clsd": "position_closed", "stat_clsd": "state_closed", "stat_jam": "state_jammed", "pl_cls": "payload_close",
    "pl_unlk": "payload_unlock", "pl_not_avail": "payload_not_available", "pl_avail": "payload_available",
    "avty_tpl": "availability_template", "avty_t": "availability_topic", "temp_unit": "temperature_unit",
    "cod_form": "code_format", "min_temp": "min_temp", "max_temp": "max_temp",
    "max_mirs": "max_mireds", "min_mirs": "min_mireds",
}  # fmt: skip
_PARTS: Final[Mapping[str, str]] = {
    "act": "action", "avty": "availability", "bri": "brightness", "clr": "color", "cmd": "command", "curr": "current",
    "dir": "direction", "hs": "hs", "max": "max", "min": "min", "mode": "mode", "off": "off", "on": "on",
    "open": "open", "opening": "opening", "closing": "closing", "lock": "lock", "locked": "locked",
    "unlocked": "unlocked", "osc": "oscillation", "pct": "percentage", "pl": "payload", "pos": "position",
    "rgb": "rgb", "set": "set", "stat": "state", "status": "status", "stop": "stop", "stopped": "stopped",
    "t": "topic", "temp": "temperature",
    "tilt": "tilt", "tpl": "template", "val": "value", "hum": "humidity",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entity:
    """One announced entity. `device`: what groups it with others; `unique`: what tells it from them."""

    component: str
    unique: str
    config: Mapping[str, Any]
    device: str
    device_title: str
    title: str

    def text(self, key: str, otherwise: str = "") -> str:
        """A text member, numbers and truths written as Home Assistant would."""
        value = self.config.get(key)
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return f"{value:g}"
        return value[:2000] if isinstance(value, str) else otherwise

    def number(self, key: str, otherwise: float) -> float:
        """A number of sensible size, also one written as text."""
        value = self.config.get(key)
        try:
            found = (
                float(value) if isinstance(value, int | float | str) and not isinstance(value, bool) else otherwise
            )
        except (ValueError, OverflowError):
            return otherwise
        return found if abs(found) < 1e9 else otherwise  # noqa: PLR2004 - beyond any house; refuses NaN too


def entities(evidence: object) -> Iterator[Entity]:
    """Every entity in `{"configs": {topic: config}}`, device-based announcements taken apart."""
    configs = evidence.get("configs") if isinstance(evidence, Mapping) else None
    rows = list(configs.items())[:MAX_ENTITIES] if isinstance(configs, Mapping) else []
    for topic, raw in rows:
        where = _TOPIC.fullmatch(topic) if isinstance(topic, str) else None
        if where is None or not isinstance(raw, Mapping):
            continue
        config = _spelled(raw)
        parts = config.get("components") if where[1] == "device" else None
        if not isinstance(parts, Mapping):
            yield _entity(where[1], where[3], config)
            continue
        shared = {key: value for key, value in config.items() if key != "components"}
        for key, part in list(parts.items())[:200]:
            if isinstance(part, Mapping):
                own = {**shared, **_spelled(part)}
                yield _entity(str(own.get("platform", ""))[:40], f"{where[3]}_{str(key)[:80]}", own)


def _entity(component: str, name: str, config: Mapping[str, Any]) -> Entity:
    about = config.get("device")
    device = _spelled(about) if isinstance(about, Mapping) else {}
    whole = clean(device.get("name"), "")
    own = clean(config.get("name"), "")
    title = whole if not own else own if not whole or own.lower().startswith(whole.lower()) else f"{whole} {own}"
    unique = config.get("unique_id")
    unique = unique[:120] if isinstance(unique, str) and unique else f"{component}_{name}"
    return Entity(component, unique, config, _device_id(device) or unique, whole, clean(title, clean(name, "Entity")))


def _device_id(device: Mapping[str, Any]) -> str:
    ids = device.get("identifiers")
    first = ids[0] if isinstance(ids, list) and ids else ids
    if isinstance(first, str | int) and first:
        return str(first)[:120]
    links = device.get("connections")
    pair = links[0] if isinstance(links, list) and links else None
    return str(pair[1])[:120] if isinstance(pair, list) and len(pair) > 1 else ""


def _spelled(raw: Mapping[str, Any]) -> dict[str, Any]:
    """A config with full names, and `~` in its topics replaced."""
    base = raw.get("~")
    found = {_full(key): value for key, value in raw.items() if key != "~"}
    signs = found.get("availability")
    if isinstance(signs, list):
        rows = [{_full(key): value for key, value in row.items()} for row in signs[:8] if isinstance(row, Mapping)]
        found["availability"] = [{key: _based(value, base) for key, value in row.items()} for row in rows]
    return {key: _based(value, base) if key.endswith("topic") else value for key, value in found.items()}


def _based(value: Any, base: object) -> Any:  # noqa: ANN401 - any JSON
    if not isinstance(value, str) or not isinstance(base, str):
        return value
    if value.startswith("~"):
        return base + value[1:]
    return value[:-1] + base if value.endswith("~") else value


def _full(key: str) -> str:
    if key in _WHOLE:
        return _WHOLE[key]
    parts = key.split("_")
    if all(part in _PARTS for part in parts):
        full = "_".join(_PARTS[part] for part in parts)
        # a light's is color_temp_..., a climate's temperature_...
        return full.replace("color_temperature", "color_temp") if full.startswith("color_") else full
    return key
