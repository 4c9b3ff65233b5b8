"""Rungs 1 and 2 of the ladder: an adapter keeps its capabilities' word, and its codecs invert."""

from __future__ import annotations

import random
from collections.abc import Iterator

from claw.adapters import codec, values
from claw.adapters.adapter import Adapter, BoundProperty
from claw.capabilities import catalog
from claw.errors import CodecError
from claw.model.affordance import Property
from claw.model.json import Json

ROUNDS = 40  # random values for each property
SPAN = (0.0, 100.0)  # for a number that nobody has bounded


def conformance(adapter: Adapter) -> Iterator[str]:
    """What breaks a capability's promise, one line each."""
    for unit in adapter.units.values():
        if not unit.capabilities:
            yield f"{unit.name} extends no capability"
        specs: dict[str, Property] = {}
        for name in unit.capabilities:
            capability = catalog.capability(name)
            specs.update(capability.properties)
            missing = capability.properties.keys() - capability.optional - unit.properties.keys()
            yield from (f"{unit.name} is no {name}: {word} is missing" for word in sorted(missing))
        for name, bound in unit.properties.items():
            yield from (f"{unit.name}.{name} {why}" for why in _narrower(bound, specs.get(name)))


def _narrower(bound: BoundProperty, spec: Property | None) -> Iterator[str]:
    mine = bound.property
    if spec is None:
        yield "belongs to none of its capabilities"
        return
    if mine.type not in (spec.type, "integer" if spec.type == "number" else spec.type):
        yield f"is {mine.type}, not {spec.type}"
    if spec.unit and mine.unit != spec.unit:
        yield f"is in {mine.unit or 'no unit'}, not in {spec.unit}"
    if spec.minimum is not None and (mine.minimum is None or mine.minimum < spec.minimum):
        yield f"reaches below {spec.minimum:g}"
    if spec.maximum is not None and (mine.maximum is None or mine.maximum > spec.maximum):
        yield f"reaches above {spec.maximum:g}"
    bounded = (mine.safe_range, mine.safe_direction) == (spec.safe_range, spec.safe_direction)
    if mine.risk < spec.risk or set(mine.safe_values) - set(spec.safe_values) or not bounded:
        yield "plays its risk down"
    if bound.write is not None and spec.read_only:
        yield "writes what can only be read"
    if bound.read is None and bound.observe is None:
        yield "cannot be read, so nothing about it can be proved"


def inversion(adapter: Adapter, seed: int = 0) -> Iterator[str]:
    """Where decode(encode(v)) is not v, for every value of an enumeration and random others; one line each."""
    for unit in adapter.units.values():
        for name, bound in unit.properties.items():
            for value in samples(bound.property, random.Random(f"{seed}:{unit.name}:{name}")):  # noqa: S311 - not a secret
                if why := broken(bound, value):
                    yield f"{unit.name}.{name}: {why}"
                    break


def broken(bound: BoundProperty, value: Json) -> str:
    """How the codec loses `value`; empty when it does not."""
    try:
        wire = codec.encode(bound.codec, value)
        back = codec.decode(bound.codec, wire)
    except CodecError as error:
        return str(error)
    if values.close(bound.property, value, back, slack=_rounding(bound)):
        return ""
    return f"{value!r:.60} is written {wire!r:.60} and comes back {back!r:.60}"


def broken_wire(bound: BoundProperty, wire: Json) -> str:
    """How the codec changes a wire value that a device has shown; empty when it does not."""
    try:
        value = codec.decode(bound.codec, wire)
        back = codec.encode(bound.codec, value)
    except CodecError as error:
        return str(error)
    return "" if back == wire else f"{wire!r:.60} is read {value!r:.60} and would be written {back!r:.60}"


def samples(spec: Property, rng: random.Random) -> Iterator[Json]:
    """Values that the property must be able to carry. Nothing is asked of numbers and texts that are only read."""
    match spec.type:
        case "boolean":
            yield from (True, False)
        case "string":
            yield from spec.enum if not spec.read_only else ()
        case "object":
            for _ in range(ROUNDS):
                yield {"hue": round(rng.uniform(0, 359.9), 1), "saturation": round(rng.uniform(0, 100), 1)}
        case _ if not spec.read_only:
            low = SPAN[0] if spec.minimum is None else spec.minimum
            high = max(low, SPAN[1]) if spec.maximum is None else spec.maximum
            yield from (low, high)
            for _ in range(ROUNDS):
                value = rng.uniform(low, high)
                yield round(value) if spec.type == "integer" else round(value, 3)


def _rounding(bound: BoundProperty) -> float:
    digits = [step["digits"] for step in bound.codec if step.get("op") == "round" and "digits" in step]
    return max((0.5 * 10.0**-each for each in digits if isinstance(each, int)), default=0.0) + _step(bound.property)


def _step(spec: Property) -> float:
    return (spec.step or 0.0) / 2
