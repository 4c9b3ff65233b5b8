"""Allowed, and close enough."""

from __future__ import annotations

from dataclasses import replace

import pytest

from claw.adapters import exchange, values
from claw.adapters.library import library
from claw.capabilities import catalog
from claw.errors import CodecError, InvalidValue, NotSupported
from claw.model.affordance import Property
from claw.model.json import Json

LIGHT = catalog.capability("light").properties
MODE = catalog.capability("thermostat").properties["mode"]
COUNT = Property("count", "Count", "integer", minimum=1)


@pytest.mark.parametrize(
    ("spec", "value", "why"),
    [
        (LIGHT["on_off"], True, ""),
        (LIGHT["on_off"], 1, "must be true or false"),
        (LIGHT["brightness"], 50, ""),
        (LIGHT["brightness"], True, "must be a number"),
        (LIGHT["brightness"], float("nan"), "must be a number"),
        (LIGHT["brightness"], 101, "must be at most 100 percent"),
        (LIGHT["brightness"], -1, "must be at least 0 percent"),
        (COUNT, 1.5, "must be a whole number"),
        (MODE, "heat", ""),
        (MODE, "hot", "must be one of off, heat, cool, auto"),
        (MODE, None, "must be text"),
        (LIGHT["color"], {"hue": 10, "saturation": 5}, ""),
        (LIGHT["color"], {"hue": 400, "saturation": 5}, "needs hue from 0 to 360"),
        (LIGHT["color"], {"hue": 4}, "needs saturation from 0 to 100"),
        (LIGHT["color"], "red", "must be a colour: {hue, saturation}"),
        (replace(COUNT, type="array"), [], "has the unknown type 'array'"),
    ],
)
def test_what_a_property_can_be(spec: Property, value: Json, why: str) -> None:
    assert values.problem(spec, value) == why


@pytest.mark.parametrize(
    ("name", "a", "b", "same"),
    [
        ("on_off", True, True, True),
        ("on_off", True, 1, False),
        ("brightness", 50, 51, True),
        ("brightness", 50, 51.5, False),
        ("brightness", 50, None, False),
        ("color", {"hue": 359, "saturation": 90}, {"hue": 1, "saturation": 91}, True),
        ("color", {"hue": 0, "saturation": 90}, {"hue": 10, "saturation": 90}, False),
        ("color", {"hue": 0, "saturation": 5}, {"hue": 40, "saturation": 5}, True),  # nobody sees it
        ("color", {"hue": 0, "saturation": 5}, {"hue": 0}, False),
    ],
)
def test_close_enough(name: str, a: Json, b: Json, same: bool) -> None:  # noqa: FBT001 - a table
    assert values.close(LIGHT[name], a, b) is same
    assert values.close(LIGHT[name], b, a) is same


def test_an_order_is_refused_before_the_wire() -> None:
    bounds = library()["njspc"].units["body_f"].properties
    variables: dict[str, Json] = {"body": 1, "circuit": 6}
    with pytest.raises(InvalidValue, match=r"Set point must be at most 40 celsius, not 54\.4"):
        exchange.order(bounds["target_temperature"], 54.4, variables)
    with pytest.raises(NotSupported, match="Water temperature can only be read"):
        exchange.order(bounds["water_temperature"], 20, variables)
    with pytest.raises(NotSupported, match="tells when it changes"):
        exchange.read_form(replace(bounds["water_temperature"], read=None), variables)


def test_an_answer_of_the_wrong_type_is_garbage_and_one_out_of_range_is_the_truth() -> None:
    bound = library()["njspc"].units["body_c"].properties["water_temperature"]
    form = exchange.read_form(bound, {"body": 1})
    assert exchange.answer(bound, form, {"temps": {"bodies": [{"id": 1, "temp": 71}]}}) == 71
    assert exchange.answer(bound, form, {"temps": {"bodies": []}}) is None
    with pytest.raises(CodecError, match="must be a number; the device says 'hot'"):
        exchange.answer(bound, form, {"temps": {"bodies": [{"id": 1, "temp": "hot"}]}})
    whole = replace(bound, property=replace(bound.property, type="integer"))
    assert repr(exchange.answer(whole, form, {"temps": {"bodies": [{"id": 1, "temp": 7.0}]}})) == "7"
