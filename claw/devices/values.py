"""Values of properties: refused before the wire when wrong, compared after it, said in plain words."""

from __future__ import annotations

import math
from collections.abc import Mapping

from claw.devices.names import clean
from claw.errors import CodecError, InvalidValue
from claw.model.affordance import Property
from claw.model.json import Json

MAX_TEXT = 512
ROUNDING = 1e-6  # what a float may lose between two languages
HUE_TURN = 360.0
COLOR_LIMITS = {"hue": (0, 360, "degrees"), "saturation": (0, 100, "percent")}
UNITS = {
    "percent": "percent",
    "kelvin": "kelvin",
    "celsius": "degrees Celsius",
    "watt": "watts",
    "lux": "lux",
    "kilowatt_hour": "kWh",
}


def number(value: object) -> float | None:
    """A finite JSON number as a float; None for everything else (a boolean is not a number)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        as_float = float(value)
    except OverflowError:
        return None
    return as_float if math.isfinite(as_float) else None


def say(value: Json, prop: Property | None = None) -> str:
    """A value as people say it: `on`, `70 percent`, `21.5 degrees Celsius`."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        if prop is not None and prop.name == "on_off":
            return "on" if value else "off"
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {say(part)}" for key, part in value.items())
    amount = number(value)
    if amount is None:
        return str(value)[:MAX_TEXT]
    unit = UNITS.get(prop.unit, prop.unit.replace("_", " ")) if prop is not None and prop.unit else ""
    return f"{amount:g} {unit}".rstrip()


def _bounded(title: str, value: Json, low: float | None, high: float | None, unit: str) -> float:
    amount = number(value)
    if amount is None:
        raise InvalidValue(f"{title} is a number{f' in {unit}' if unit else ''}; {_shown(value)} is not.")
    if (low is not None and amount < low) or (high is not None and amount > high):
        spoken = f" {unit}" if unit else ""
        if low is None or high is None:
            limit = f"is at least {low:g}{spoken}" if high is None else f"is at most {high:g}{spoken}"
        else:
            limit = f"goes from {low:g} to {high:g}{spoken}"
        raise InvalidValue(f"{title} {limit}; {amount:g} is outside.")
    return amount


def _shown(value: Json) -> str:
    return repr(value)[:60]


def accept(prop: Property, value: Json) -> Json:
    """The value as it will be sent. Raises InvalidValue naming the allowed values, range and unit."""
    if prop.read_only:
        raise InvalidValue(f"{prop.title} can only be read.")
    title = prop.title
    if prop.type == "boolean":
        if not isinstance(value, bool):
            raise InvalidValue(f"{title} is true or false; {_shown(value)} is neither.")
        return value
    if prop.type in ("number", "integer"):
        amount = _bounded(title, value, prop.minimum, prop.maximum, UNITS.get(prop.unit, prop.unit.replace("_", " ")))
        if prop.type == "integer":
            if not amount.is_integer():
                raise InvalidValue(f"{title} is a whole number; {amount:g} is not.")
            return int(amount)
        return value
    if prop.type == "object":
        return _color(title, value)
    return _text(prop, value)


def _text(prop: Property, value: Json) -> str:
    if not isinstance(value, str):
        raise InvalidValue(f"{prop.title} is a text; {_shown(value)} is not.")
    if prop.enum and value not in prop.enum:
        raise InvalidValue(f"{prop.title} is one of {', '.join(prop.enum)}; {_shown(value)} is not.")
    if len(value) > MAX_TEXT:
        raise InvalidValue(f"{prop.title} takes at most {MAX_TEXT} characters; these are {len(value)}.")
    return value


def _color(title: str, value: Json) -> Json:
    if not isinstance(value, Mapping) or set(value) != set(COLOR_LIMITS):
        raise InvalidValue(f"{title} is given by hue (0 to 360) and saturation (0 to 100); {_shown(value)} is not.")
    return {
        key: _bounded(f"{title} {key}", value[key], low, high, unit)
        for key, (low, high, unit) in COLOR_LIMITS.items()
    }


def gap(asked: Json, got: Json) -> float | None:
    """How far apart two values are; None when there is no distance between them (texts, booleans, missing)."""
    if isinstance(asked, Mapping) and isinstance(got, Mapping):
        hue_a, hue_b = number(asked.get("hue")), number(got.get("hue"))
        sat_a, sat_b = number(asked.get("saturation")), number(got.get("saturation"))
        if hue_a is None or hue_b is None or sat_a is None or sat_b is None:
            return None
        turn = abs(hue_a - hue_b) % HUE_TURN
        # without saturation there is no hue to compare: the same white has every hue
        around = min(turn, HUE_TURN - turn) if min(sat_a, sat_b) > 0 else 0.0
        return max(around, abs(sat_a - sat_b))
    first, second = number(asked), number(got)
    return None if first is None or second is None else abs(first - second)


def agrees(prop: Property, asked: Json, got: Json) -> bool:
    """Whether the device reports what was asked, within the property's tolerance or half its step."""
    distance = gap(asked, got)
    if distance is None:
        return got is not None and type(asked) is type(got) and asked == got
    if distance <= prop.tolerance + ROUNDING:
        return True
    half = (prop.step or 0.0) / 2
    # half-way between two steps is neither of them, unless it was asked for and the device took the nearest
    return distance <= half + ROUNDING if _on_step(prop, got) else distance < half - ROUNDING


def _on_step(prop: Property, got: Json) -> bool:
    value = number(got)
    if value is None or not prop.step:
        return False
    return abs(math.remainder(value - (prop.minimum or 0.0), prop.step)) <= ROUNDING


def observed(prop: Property, value: Json) -> Json:
    """A decoded value as a reading may hold it. Raises CodecError when it is not of the property's type.

    Out of range is the device's truth and stays; a text is cut and cleaned, since it came from a device.
    """
    if prop.type == "boolean" and isinstance(value, bool):
        return value
    if prop.type in ("number", "integer") and (amount := number(value)) is not None:
        return int(amount) if prop.type == "integer" and amount.is_integer() else value
    if prop.type == "string" and isinstance(value, str):
        text = clean(value, limit=MAX_TEXT)
        if not prop.enum or text in prop.enum:
            return text
    if prop.type == "object" and gap(value, value) is not None:
        return value
    raise CodecError(f"{prop.title} came back as {_shown(value)}, which is no {prop.type} that we know.")
