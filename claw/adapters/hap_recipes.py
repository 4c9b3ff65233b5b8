"""How a HAP characteristic is written in human units: from its metadata to a codec and a narrowed schema. Pure.

A recipe gives the members of a property (`claw:codec`, `minimum`, `enum` ...), or None when it does not fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from claw.adapters.draft import grain
from claw.adapters.hap_database import Characteristic, number
from claw.model.affordance import Property

Members: TypeAlias = dict[str, Any]
Recipe: TypeAlias = Callable[[Property, Sequence[Characteristic]], Members | None]

MIREDS: Final = 1_000_000
_FULL: Final = 100.0


def on_off(_spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """True and false, which some accessories write as 1 and 0."""
    wire = "boolean" if chars[0].format == "bool" else "integer"
    return {"claw:codec": [{"op": "cast", "to": "boolean", "wire": wire}]}


def percent(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """0 to 100; another range is scaled, a higher minimum narrows, coarse steps are kept to."""
    low, high, step = chars[-1].minimum, chars[-1].maximum, chars[-1].step or 0
    codec: list[Members] = [] if chars[-1].format == "float" else [{"op": "round", "wire_digits": 0}]
    if high is not None and high != _FULL:
        codec.append({"op": "scale", "from": [low or 0, high], "to": [0, 100]})
        return {"claw:codec": codec, **grain(codec)} if high - (low or 0) >= 1 else None
    if step > 1 and not low:
        codec = _snap(0, _FULL, step)
    members = _range(spec, chars)
    return None if members is None else {**({"claw:codec": codec} if codec else {}), **members}


def angle(_spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """An angle as the share of its range."""
    low, high = chars[-1].minimum, chars[-1].maximum
    span = [-90 if low is None else low, 90 if high is None else high]
    if span[1] - span[0] < 1:
        return None
    codec: list[Members] = [{"op": "round", "wire_digits": 0}, {"op": "scale", "from": span, "to": [0, 100]}]
    return {"claw:codec": codec, **grain(codec)}


def measured(_spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """A measurement that is already in our unit, without float noise."""
    if chars[0].format in ("string", "tlv8", "data"):
        return None
    return {"claw:codec": [{"op": "round", "digits": 2}]}


def set_point(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """A target in our unit, within what capability and accessory both allow, in the accessory's steps."""
    members = _range(spec, chars)
    if members is None:
        return None
    low, high, step = chars[0].minimum, chars[0].maximum, members.get("multipleOf")
    codec = _snap(low, high, step) if step and low is not None and high is not None else []
    return {"claw:codec": [*codec, {"op": "round", "digits": 2, "wire_digits": 2}], **members}


def set_point_pair(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """One set point for an accessory that has one for heating and one for cooling: both are written."""
    members = set_point(spec, chars)
    return None if members is None else {**members, "claw:select": chars[0].code}


def kelvin(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """Kelvin of a mired value (HAP 9.9.15: 50 to 400 unless said otherwise)."""
    low, high = chars[0].minimum or 50, chars[0].maximum or 400
    if not 0 < low < high:
        return None
    warmest, coldest = math.ceil(MIREDS / high), math.floor(MIREDS / low)
    warmest, coldest = max(warmest, int(spec.minimum or 0)), min(coldest, int(spec.maximum or coldest))
    if warmest >= coldest:
        return None
    return {
        "claw:codec": [
            {"op": "round", "wire_digits": 0},
            {"op": "reciprocal", "of": MIREDS},
            {"op": "round", "digits": 0},
        ],
        "minimum": warmest,
        "maximum": coldest,
    }


def color(_spec: Property, _chars: Sequence[Characteristic]) -> Members | None:
    """Hue in degrees and saturation in percent, as HAP has them."""
    return {"claw:codec": [{"op": "color", "wire": "hsv_deg"}]}


def heater_cooler(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """`mode` of Active and TargetHeaterCoolerState together: inactive is off, whatever the target."""
    words = {value: word for value, word in {0: "auto", 1: "heat", 2: "cool"}.items() if _takes(chars[1], value)}
    if not words:
        return None
    return _enum(
        spec,
        {f'{{"active": 0, "target": {value}}}': "off" for value in words}
        | {f'{{"active": 1, "target": {value}}}': word for value, word in words.items()},
    )


def enum(words: Mapping[int, Any]) -> Recipe:
    """A recipe for a list of values; of a writable one only what the accessory says it takes."""

    def recipe(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
        read, write = chars[0], chars[-1]
        writable = "pw" in write.perms
        kept = {
            str(value): word
            for value, word in words.items()
            if not (writable and read is write) or _takes(read, value)
        }
        return _enum(spec, kept) if kept else None

    return recipe


def _enum(spec: Property, words: Mapping[str, Any]) -> Members:
    members: Members = {"claw:codec": [{"op": "enum", "map": dict(words)}]}
    if spec.enum:
        members["enum"] = [word for word in spec.enum if word in words.values()]
    return members


def _takes(char: Characteristic, value: int) -> bool:
    if char.valid:
        return value in char.valid
    return (char.minimum is None or value >= char.minimum) and (char.maximum is None or value <= char.maximum)


def _snap(low: float, high: float, step: float) -> list[Members]:
    """Steps that leave a value read as it is, and write the nearest of the accessory's own (HAP refuses others)."""
    count = (high - low) / step
    return [
        {"op": "scale", "from": [low, high], "to": [0, count]},
        {"op": "round", "wire_digits": 0},
        {"op": "scale", "from": [0, count], "to": [low, high]},
    ]


def _range(spec: Property, chars: Sequence[Characteristic]) -> Members | None:
    """Minimum, maximum and step that capability and accessory share; what it reads now is always inside."""
    lows = [char.minimum for char in chars if char.minimum is not None]
    highs = [char.maximum for char in chars if char.maximum is not None]
    present = [value for char in chars if (value := number(char.value)) is not None]
    low = min([max(lows), *present]) if lows else None
    high = max([min(highs), *present]) if highs else None
    low = spec.minimum if low is None else max(low, low if spec.minimum is None else spec.minimum)
    high = spec.maximum if high is None else min(high, high if spec.maximum is None else spec.maximum)
    if low is not None and high is not None and low >= high:
        return None
    members: Members = {}
    if low is not None and low != spec.minimum:
        members["minimum"] = low
    if high is not None and high != spec.maximum:
        members["maximum"] = high
    step = max((char.step for char in chars if char.step), default=0)
    if step > (spec.step or 1):
        members["multipleOf"] = step
    return members
