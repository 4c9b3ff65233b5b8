"""Between the wire's way of writing a value and human units: a closed list of ops, each with its inverse.

`decode` runs the steps in order, `encode` their inverses in reverse order; nothing is written twice.
Both raise CodecError, and nothing else, for any JSON value at all.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from claw.adapters import color
from claw.errors import CodecError
from claw.model.json import Json, JsonObject

LARGEST: Final = 1e15  # integers beyond this are not exact as floats, and no house needs them
_WORDS: Final[Mapping[str, bool]] = {"true": True, "1": True, "false": False, "0": False}

Step = Callable[[Mapping[str, Any], Json], Json]


@dataclass(frozen=True, slots=True)
class Op:
    """One op: its parameters (required and optional) and its two directions."""

    decode: Step
    encode: Step
    required: frozenset[str]
    optional: frozenset[str] = frozenset()


def decode(steps: Sequence[JsonObject], wire: Json) -> Json:
    """The human value of `wire`. Raises CodecError."""
    value = wire
    for step in steps:
        value = _run(step, value, forward=True)
    return value


def encode(steps: Sequence[JsonObject], value: Json) -> Json:
    """The wire value of the human `value`. Raises CodecError."""
    wire = value
    for step in reversed(steps):
        wire = _run(step, wire, forward=False)
    return wire


def _run(step: JsonObject, value: Json, *, forward: bool) -> Json:
    name = step.get("op")
    op = OPS.get(name) if isinstance(name, str) else None
    if op is None:
        raise CodecError(f"There is no codec op {name!r:.60}; there are: {', '.join(OPS)}.")
    try:
        return (op.decode if forward else op.encode)(step, value)
    except (TypeError, ValueError, KeyError, ArithmeticError, RecursionError) as error:
        raise CodecError(f"The codec op {name!r} cannot carry {value!r:.60}.") from error


def _number(value: Json) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise CodecError(f"A number was expected, not {value!r:.60}.")
    return value


def _whole(value: float) -> int | float:
    """An int where the float is one, so that JSON says 5 and not 5.0."""
    _number(value)
    return int(value) if value == int(value) else value


def _same(a: Json, b: Json) -> bool:
    return a == b and isinstance(a, bool) is isinstance(b, bool)


@lru_cache(maxsize=1024)
def _wire_key(key: str) -> Json:
    """An enum key is JSON text where it parses (`0`, `true`, `"0"`), else a plain string (`ON`)."""
    try:
        value: Json = json.loads(key)
    except ValueError:
        return key
    return key if isinstance(value, float) and not math.isfinite(value) else value


def _enum_decode(step: Mapping[str, Any], wire: Json) -> Json:
    for key, human in step["map"].items():
        if _same(_wire_key(key), wire):
            found: Json = human
            return found
    if "default" in step and wire is not None:
        default: Json = step["default"]
        return default
    raise CodecError(f"{wire!r:.60} is not listed; there are: {', '.join(step['map'])}.")


def _enum_encode(step: Mapping[str, Any], value: Json) -> Json:
    for key, human in step["map"].items():
        if _same(human, value):
            return _wire_key(key)
    listed = ", ".join(str(human) for human in step["map"].values())
    raise CodecError(f"{value!r:.60} cannot be written; there are: {listed}.")


def _linear(x: float, from_: Sequence[float], to: Sequence[float]) -> float:
    return to[0] + (x - from_[0]) * (to[1] - to[0]) / (from_[1] - from_[0])


def _scale_decode(step: Mapping[str, Any], wire: Json) -> Json:
    return _whole(_linear(_number(wire), step["from"], step["to"]))


def _scale_encode(step: Mapping[str, Any], value: Json) -> Json:
    wire = _linear(_number(value), step["to"], step["from"])
    return _whole(min(max(wire, min(step["from"])), max(step["from"])))


def _reciprocal(step: Mapping[str, Any], value: Json) -> Json:
    return _whole(step["of"] / _number(value))


def _round(value: Json, digits: int | None) -> Json:
    number = _number(value)
    return number if digits is None else _whole(round(number, digits))


def _round_decode(step: Mapping[str, Any], wire: Json) -> Json:
    return _round(wire, step.get("digits"))


def _round_encode(step: Mapping[str, Any], value: Json) -> Json:
    return _round(value, step.get("wire_digits", None if "digits" in step else 0))


def _cast(kind: str, value: Json) -> Json:
    match kind:
        case "string":
            if isinstance(value, str):
                return value
            return json.dumps(value if isinstance(value, bool) else _whole(_number(value)))
        case "boolean":
            return _boolean(value)
        case "integer" | "number":
            number: Json = int(value) if isinstance(value, bool) else value
            if isinstance(number, str):
                number = float(number[:40])
            exact = _number(number)
            return round(exact) if kind == "integer" else _whole(exact)
        case _:
            raise CodecError(f"There is no type {kind!r:.60} to cast to.")


def _boolean(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in _WORDS:
        return _WORDS[value.strip().lower()]
    if isinstance(value, str):
        raise CodecError(f"{value!r:.60} is neither true nor false.")
    return _number(value) != 0


def _bits(value: Json) -> int:
    number = _number(value)
    if number != int(number) or number < 0:
        raise CodecError(f"Bits need a whole number, not {value!r:.60}.")
    return int(number)


OPS: Final[Mapping[str, Op]] = {
    "enum": Op(_enum_decode, _enum_encode, frozenset({"map"}), frozenset({"default"})),
    "scale": Op(_scale_decode, _scale_encode, frozenset({"from", "to"})),
    "offset": Op(
        lambda step, wire: _whole(_number(wire) + step["by"]),
        lambda step, value: _whole(_number(value) - step["by"]),
        frozenset({"by"}),
    ),
    "reciprocal": Op(_reciprocal, _reciprocal, frozenset({"of"})),
    "round": Op(_round_decode, _round_encode, frozenset(), frozenset({"digits", "wire_digits"})),
    "cast": Op(
        lambda step, wire: _cast(step["to"], wire),
        lambda step, value: _cast(step["wire"], value),
        frozenset({"to", "wire"}),
    ),
    "bits": Op(
        lambda step, wire: (_bits(wire) & step["mask"]) >> step["shift"],
        lambda step, value: (_bits(value) << step["shift"]) & step["mask"],
        frozenset({"mask", "shift"}),
    ),
    "color": Op(
        lambda step, wire: color.to_human(step["wire"], wire, step.get("gamut", "")),
        lambda step, value: color.to_wire(step["wire"], value, step.get("gamut", "")),
        frozenset({"wire"}),
        frozenset({"gamut"}),
    ),
}
