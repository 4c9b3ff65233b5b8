"""What a PUT body of the second API does to a lamp."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from claw.model.json import Json, JsonObject
from claw.simulator.hue.lamp import FULL, MIREK, Lamp

Step = Callable[[], None]


class BodyRefused(Exception):
    """The body is not valid for the resource; never leaves the simulator's HTTP layer."""


def steps(lamp: Lamp, body: JsonObject, level: str, *, strict: bool) -> list[Step]:
    """The steps of a valid body, raising BodyRefused otherwise.

    `level` is the present name of `dimming.brightness`. Unless `strict` (a group), a lamp ignores what it cannot do.
    """
    known = {
        "on": (True, _on),
        "dimming": (lamp.product.dims, lambda lamp, value: _dim(lamp, value, level)),
        "color_temperature": (lamp.product.white, _warm),
        "color": (lamp.product.color, _paint),
    }
    found: list[Step] = []
    for name, (able, read) in known.items():
        if name not in body:
            continue
        if able:
            found.append(read(lamp, body[name]))
        elif strict:
            raise BodyRefused(f"{name} is not supported")
    return found


def _on(lamp: Lamp, value: Json) -> Step:
    on = _inside(value, "on")
    if not isinstance(on, bool):
        raise BodyRefused("on.on is a boolean")
    return lambda: lamp.switch(on=on)


def _dim(lamp: Lamp, value: Json, level: str) -> Step:
    percent = _number(_inside(value, level), 0, 100, f"dimming.{level}")
    return lambda: lamp.dim(round(percent * FULL / 100))


def _warm(lamp: Lamp, value: Json) -> Step:
    mirek = _number(_inside(value, "mirek"), *MIREK, "color_temperature.mirek")
    return lambda: lamp.warm(round(mirek))


def _paint(lamp: Lamp, value: Json) -> Step:
    xy = _inside(value, "xy")
    x, y = (_number(_inside(xy, axis), 0, 1, f"color.xy.{axis}") for axis in "xy")
    return lambda: lamp.paint(x, y)


def _inside(value: Json, name: str) -> Json:
    return value.get(name) if isinstance(value, Mapping) else None


def _number(value: Json, low: float, high: float, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise BodyRefused(f"{name} is a number from {low} to {high}")
    return float(value)
