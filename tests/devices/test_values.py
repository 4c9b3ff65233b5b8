"""Values are refused before the wire, compared after it, and said in plain words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.capabilities.catalog import capability
from claw.devices.values import accept, agrees, gap, observed, say
from claw.errors import CodecError, InvalidValue
from claw.model.affordance import Property

BRIGHTNESS = capability("light").properties["brightness"]
COLOR = capability("light").properties["color"]
ON = capability("light").properties["on_off"]
MODE = capability("thermostat").properties["mode"]
TARGET = capability("thermostat").properties["target_temperature"]
COUNT = Property("count", "Count", "integer", minimum=0)
LABEL = Property("label", "Label", "string")

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
every = st.sampled_from([BRIGHTNESS, COLOR, ON, MODE, TARGET, COUNT, LABEL])


def outcome(judge: Callable[[Property, Any], Any], prop: Property, value: Any) -> tuple[Any, str]:
    """The value, or the sentence of the one error that is allowed."""
    try:
        return judge(prop, value), ""
    except (InvalidValue, CodecError) as error:
        return None, str(error)


@given(every, anything)
def test_law_any_json_is_accepted_or_refused_with_a_sentence(prop: Property, value: Any) -> None:
    taken, sentence = outcome(accept, prop, value)
    if sentence:
        assert sentence.startswith(prop.title)
        assert sentence.endswith(".")
        assert len(sentence.splitlines()) == 1
    else:
        assert agrees(prop, taken, taken)
        assert observed(prop, taken) is not None


@given(every, anything)
def test_law_what_a_device_says_is_a_value_or_a_codec_error(prop: Property, value: Any) -> None:
    seen, sentence = outcome(observed, prop, value)
    assert len(sentence) < 300
    assert sentence or agrees(prop, seen, seen)


@given(st.floats(0, 360), st.floats(0, 360), st.floats(1, 100))
def test_law_hue_is_a_circle(one: float, other: float, saturation: float) -> None:
    first = {"hue": one, "saturation": saturation}
    second = {"hue": other, "saturation": saturation}
    distance = gap(first, second)
    assert distance is not None
    assert 0 <= distance <= 180
    assert distance == gap(second, first)


@pytest.mark.parametrize(
    ("prop", "value", "sentence"),
    [
        (TARGET, 54, "Target temperature goes from 5 to 35 degrees Celsius; 54 is outside."),
        (MODE, "boil", "Mode is one of off, heat, cool, auto; 'boil' is not."),
        (COUNT, -1, "Count is at least 0; -1 is outside."),
        (COUNT, 1.5, "Count is a whole number; 1.5 is not."),
        (LABEL, 7, "Label is a text; 7 is not."),
        (LABEL, "x" * 600, "Label takes at most 512 characters; these are 600."),
        (COLOR, {"hue": 400, "saturation": 1}, f"{COLOR.title} hue goes from 0 to 360 degrees; 400 is outside."),
        (COLOR, "red", f"{COLOR.title} is given by hue (0 to 360) and saturation (0 to 100); 'red' is not."),
    ],
)
def test_refusals_name_the_range_and_unit(prop: Property, value: Any, sentence: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        accept(prop, value)
    assert str(caught.value) == sentence


def test_agreement() -> None:
    assert agrees(BRIGHTNESS, 70, 70.9)
    assert not agrees(BRIGHTNESS, 70, 72)
    assert agrees(TARGET, 21.5, 21.3)
    assert not agrees(ON, asked=True, got=1)
    assert not agrees(ON, asked=True, got=None)
    assert agrees(COLOR, {"hue": 359, "saturation": 50}, {"hue": 1, "saturation": 50})
    assert agrees(COLOR, {"hue": 10, "saturation": 0}, {"hue": 200, "saturation": 0})
    assert not agrees(COLOR, {"hue": 10, "saturation": 50}, {"hue": 20, "saturation": 50})


def test_half_way_between_two_steps_is_neither() -> None:
    ends = replace(capability("cover").properties["position"], step=100)
    assert not agrees(ends, 100, 50)  # on its way
    assert not agrees(ends, 0, 50)
    assert agrees(ends, 70, 100)
    assert agrees(replace(BRIGHTNESS, step=10), 25, 20)  # the nearest it has


def test_plain_words() -> None:
    assert say(value=True, prop=ON) == "on"
    assert say(value=False) == "no"
    assert say(70.0, BRIGHTNESS) == "70 percent"
    assert say(21.5, TARGET) == "21.5 degrees Celsius"
    assert say(None) == "nothing"
    assert say({"hue": 10, "saturation": 50}) == "hue 10, saturation 50"
    assert say("heat", MODE) == "heat"
