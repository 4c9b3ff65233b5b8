"""The UPnP compiler: services of known meaning become a unit; the others are named, never guessed.

Evidence: `{"description": what upnp_description.parse_description gives, "services": {type: {"control", "event",
"scpd": what parse_scpd gives}}}`. Standards: RenderingControl:1, AVTransport:1, SwitchPower:1, Dimming:1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from claw.adapters import hrefs
from claw.adapters.draft import Draft, clean, document, extends, grain
from claw.capabilities import catalog
from claw.model.affordance import Property
from claw.model.json import Json

_STANDARD: Final = re.compile(r"urn:schemas-upnp-org:service:([A-Za-z]{1,40}):[0-9]{1,3}")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,98}")
_GIVEN: Final[Mapping[str, Json]] = {
    "a_arg_type_instanceid": 0,
    "a_arg_type_channel": "Master",
    "transportplayspeed": "1",
}
_STATES: Final = {
    "PLAYING": "playing",
    "TRANSITIONING": "playing",
    "PAUSED_PLAYBACK": "paused",
    "PAUSED_RECORDING": "paused",
    "STOPPED": "stopped",
    "NO_MEDIA_PRESENT": "stopped",
}


@dataclass(frozen=True, slots=True)
class _Service:
    """One service of the device, by its short name."""

    name: str
    type: str
    control: str
    event: str
    actions: Mapping[str, Any]
    variables: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Row:
    """A property: which action tells it, in which variable, and which one sets it."""

    property: str
    service: str
    get: str
    variable: str
    codec: Callable[[Mapping[str, Any]], list[Draft]]
    set: str = ""
    target: str = ""
    event: str = ""


def _level(variable: Mapping[str, Any]) -> list[Draft]:
    """A share of the variable's allowed range."""
    low, high = _bound(variable, "minimum", 0), _bound(variable, "maximum", 100)
    codec: list[Draft] = [{"op": "cast", "to": "number", "wire": "integer"}]
    if high - low >= 1 and (low, high) != (0, 100):
        codec.append({"op": "scale", "from": [low, high], "to": [0, 100]})
    return [*codec, {"op": "round", "digits": 0}]


def _flag(_variable: Mapping[str, Any]) -> list[Draft]:
    return [{"op": "cast", "to": "boolean", "wire": "integer"}]


def _state(_variable: Mapping[str, Any]) -> list[Draft]:
    return [{"op": "enum", "map": dict(_STATES), "default": "stopped"}]


_VOLUME: Final = _Row(
    "volume", "RenderingControl", "GetVolume", "Volume", _level, "SetVolume", "Volume", "Volume.Master"
)
_MUTE: Final = _Row("mute", "RenderingControl", "GetMute", "Mute", _flag, "SetMute", "Mute", "Mute.Master")
_PLAYBACK: Final = _Row(
    "playback", "AVTransport", "GetTransportInfo", "TransportState", _state, event="TransportState"
)
_POWER: Final = _Row("on_off", "SwitchPower", "GetStatus", "Status", _flag, "SetTarget", "Target", "Status")
_DIM: Final = _Row(
    "brightness", "Dimming", "GetLoadLevelStatus", "LoadLevelStatus", _level, "SetLoadLevelTarget", "LoadLevelTarget",
    "LoadLevelStatus",
)  # fmt: skip
_TRANSPORT: Final = ("Play", "Pause", "Stop", "Next", "Previous")

# capability, its properties, the actions it takes from AVTransport, and what it cannot be without
_UNITS: Final[tuple[tuple[str, tuple[_Row, ...], tuple[str, ...], frozenset[str]], ...]] = (
    ("speaker", (_PLAYBACK, _VOLUME, _MUTE), _TRANSPORT, frozenset({"playback", "volume", "play", "pause"})),
    ("light", (_POWER, _DIM), (), frozenset({"on_off", "brightness"})),
    ("switch", (_POWER,), (), frozenset({"on_off"})),
)


def propose(evidence: Json) -> list[Draft]:
    """At most one document; none when no service has a known meaning. Never raises."""
    known = evidence if isinstance(evidence, Mapping) else {}
    about = known.get("description")
    about = about if isinstance(about, Mapping) else {}
    services, left_out = _services(known.get("services"))
    title = clean(about.get("friendly_name"), clean(about.get("model"), "UPnP device"))
    units: dict[str, Draft] = {}
    used: set[str] = set()
    for capability, rows, actions, needed in _UNITS:
        if used & {row.service for row in rows}:
            continue  # a dimmable light is not a switch besides
        unit = _unit(capability, rows, actions, services, title)
        if needed <= unit["properties"].keys() | unit.get("actions", {}).keys():
            units[capability] = unit
            used |= {row.service for row in rows}
    if not units:
        return []
    left_out += [f"service {name}" for name in services if name not in used]
    udn = clean(about.get("udn"), "", 100)
    plain = re.fullmatch(r"uuid:[A-Za-z0-9_.:\-]{4,90}", udn)
    match = [{"via": "ssdp", "fields": {"usn": f"{udn}*"}}] if plain else []
    maker = [clean(about.get(key), "") for key in ("manufacturer", "model")]
    name = udn.removeprefix("uuid:") or "-".join([*filter(None, maker), title])
    return [document("upnp", name, title, units, match=match, left_out=left_out)]


def _services(found: Json) -> tuple[dict[str, _Service], list[str]]:
    services: dict[str, _Service] = {}
    strange: list[str] = []
    for kind, row in list(found.items())[:64] if isinstance(found, Mapping) else ():
        standard = _STANDARD.fullmatch(str(kind))
        scpd = row.get("scpd") if isinstance(row, Mapping) else None
        if standard is None or not isinstance(row, Mapping) or not isinstance(scpd, Mapping):
            strange.append(f"service {clean(kind, 'without a type')}")
            continue
        control, event = _path(row.get("control")), _path(row.get("event"))
        actions, variables = scpd.get("actions"), scpd.get("variables")
        if control and isinstance(actions, Mapping) and isinstance(variables, Mapping):
            services[standard[1]] = _Service(standard[1], kind, control, event, actions, variables)
        else:
            strange.append(f"service {standard[1]} (incomplete)")
    return services, strange


def _unit(
    capability: str, rows: tuple[_Row, ...], transport: tuple[str, ...], services: Mapping[str, _Service], title: str
) -> Draft:
    properties = {}
    for row in rows:
        spec = catalog.capability(capability).properties[row.property]
        if (service := services.get(row.service)) and (bound := _property(row, spec, service)):
            properties[row.property] = bound
    unit: Draft = {"title": title, "links": extends(capability), "claw:unit": "main", "properties": properties}
    player = services.get("AVTransport")
    actions = {
        name.lower(): {"forms": [{"op": "invokeaction", **form}]}
        for name in transport
        if player and (form := _call(player, name, "")) is not None
    }
    if actions:
        unit["actions"] = actions
    return unit


def _property(row: _Row, spec: Property, service: _Service) -> Draft | None:
    read, told = _call(service, row.get, ""), _argument(service, row.get, "out", row.variable)
    if read is None or told is None:
        return None
    forms: list[Draft] = [{"op": "readproperty", **read, "claw:select": told}]
    if row.set and (write := _call(service, row.set, row.target)) is not None:
        forms.append({"op": "writeproperty", **write})
    if service.event:
        listen = {"href": f"{service.name}/events", "upnp:event": service.event, "claw:select": row.event}
        forms.append({"op": "observeproperty", **listen})
    variable = _variable(service, row.target if len(forms) > 1 and row.target else row.variable)
    codec = row.codec(variable)
    return {"type": spec.type, "claw:codec": codec, **grain(codec), "forms": forms}


def _call(service: _Service, action: str, target: str) -> Draft | None:
    """A form that calls `action`, the argument of variable `target` being the value; None when it wants more."""
    wanted = _arguments(service, action, "in")
    if wanted is None:
        return None
    arguments: Draft = {}
    for name, variable in wanted.items():
        if target and variable == target.lower():
            arguments[name] = "{value}"
        elif variable in _GIVEN:
            arguments[name] = _GIVEN[variable]
        else:
            return None
    if target and "{value}" not in arguments.values():
        return None
    return {
        "href": f"{service.name}/{action}",
        "upnp:control": service.control,
        "upnp:service": service.type,
        "upnp:action": action,
        "upnp:arguments": arguments,
    }


def _arguments(service: _Service, action: str, direction: str) -> dict[str, str] | None:
    """Arguments of an action and their variables in lower case; None when there is no such action."""
    known = service.actions.get(action)
    rows = known.get(direction) if isinstance(known, Mapping) else None
    if not isinstance(rows, Mapping) or len(rows) > 20:  # noqa: PLR2004 - no standard action has as many
        return None
    if not all(_WORD.fullmatch(str(name)) for name in rows):
        return None
    return {name: str(variable).lower() for name, variable in rows.items()}


def _argument(service: _Service, action: str, direction: str, variable: str) -> str | None:
    """The argument that carries `variable`, as a JMESPath identifier."""
    rows = _arguments(service, action, direction) or {}
    name = next((name for name, carried in rows.items() if carried == variable.lower()), None)
    return f'"{name}"' if name else None


def _variable(service: _Service, name: str) -> Mapping[str, Any]:
    found = next((row for key, row in service.variables.items() if key.lower() == name.lower()), None)
    return found if isinstance(found, Mapping) else {}


def _bound(variable: Mapping[str, Any], key: str, otherwise: float) -> float:
    value = variable.get(key)
    usable = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= 1e6  # noqa: PLR2004
    return float(value) if usable and value is not None else otherwise


def _path(path: object) -> str:
    """A path on the device itself that a form can carry, or nothing."""
    if not isinstance(path, str) or not path.startswith("/") or any(letter in path for letter in "{} "):
        return ""
    return "" if hrefs.problem(path, "http") else path
