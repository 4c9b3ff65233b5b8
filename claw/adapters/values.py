"""Values in human units against the property they belong to: allowed, and close enough."""

from __future__ import annotations

import math
from collections.abc import Mapping

from claw.model.affordance import Property
from claw.model.json import Json

FULL_CIRCLE = 360.0


def problem(spec: Property, value: Json) -> str:
    """Why `value` cannot be a value of `spec`, as the end of a sentence; empty when it can."""
    match spec.type:
        case "boolean":
            return "" if isinstance(value, bool) else "must be true or false"
        case "integer" | "number":
            return _number(spec, value)
        case "string":
            if not isinstance(value, str):
                return "must be text"
            return "" if not spec.enum or value in spec.enum else f"must be one of {', '.join(spec.enum)}"
        case "object":
            return _color(value)
        case _:
            return f"has the unknown type {spec.type!r}"


def close(spec: Property, a: Json, b: Json, slack: float = 0.0) -> bool:
    """Whether two values agree within the property's tolerance (or `slack`, where that is wider)."""
    tolerance = max(spec.tolerance, slack)
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=tolerance + 1e-9)
    if isinstance(a, Mapping) and isinstance(b, Mapping) and not _color(a) and not _color(b):
        return _same_color(a, b, tolerance)
    return a == b


def _number(spec: Property, value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "must be a number"
    if spec.type == "integer" and value != int(value):
        return "must be a whole number"
    unit = f" {spec.unit}" if spec.unit else ""
    if spec.minimum is not None and value < spec.minimum - 1e-9:
        return f"must be at least {spec.minimum:g}{unit}"
    if spec.maximum is not None and value > spec.maximum + 1e-9:
        return f"must be at most {spec.maximum:g}{unit}"
    return ""


def _color(value: Json) -> str:
    if not isinstance(value, Mapping):
        return "must be a colour: {hue, saturation}"
    for part, top in (("hue", FULL_CIRCLE), ("saturation", 100.0)):
        number = value.get(part)
        if isinstance(number, bool) or not isinstance(number, int | float) or not 0 <= number <= top:
            return f"needs {part} from 0 to {top:g}"
    return ""


def _same_color(a: Mapping[str, Json], b: Mapping[str, Json], tolerance: float) -> bool:
    hue_a, sat_a, hue_b, sat_b = (float(c[k]) for c in (a, b) for k in ("hue", "saturation"))  # type: ignore[arg-type]
    turn = abs(hue_a - hue_b) % FULL_CIRCLE
    # a pale colour's hue hardly shows, so a turn counts for less there
    shift = min(turn, FULL_CIRCLE - turn) * max(sat_a, sat_b) / 100
    return abs(sat_a - sat_b) <= tolerance + 1e-9 and shift <= tolerance + 1e-9
