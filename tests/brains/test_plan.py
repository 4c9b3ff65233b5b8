from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.brains.colors import COLORS, color_name
from claw.brains.confirm import no, yes
from claw.brains.plan import celsius, plan
from claw.brains.wording import ago
from claw.errors import InvalidValue
from claw.model.intent import Command
from tests.tools.rooms import small_house

THINGS = small_house().things


def test_things_that_take_the_same_call_share_it() -> None:
    command = Command("turn_off", targets=("floor_lamp", "sink_lamp", "sonos_one", "living_room_thermostat"))
    steps = plan(command, [THINGS[t] for t in command.targets], "C")
    assert [(s.tool, s.things, s.name, s.value) for s in steps] == [
        ("set_property", ("floor_lamp", "sink_lamp"), "on_off", False),
        ("invoke_action", ("sonos_one",), "pause", None),
        ("set_property", ("living_room_thermostat",), "mode", "off"),
    ]


@pytest.mark.parametrize(
    ("action", "thing", "value", "expected"),
    [
        ("open", "garage_door", None, ("open", True)),
        ("close", "bedroom_shades", None, ("position", 0)),
        ("lock", "front_door", None, ("locked", True)),
        ("set_mode", "pool", "heat", ("heat_mode", "heater")),
        ("set_color", "floor_lamp", "green", ("color", {"hue": 120, "saturation": 100})),
        ("set_color", "kitchen_light", "white", ("color_temperature", 4000)),
        ("turn_on", "living_room_thermostat", "cool", ("mode", "cool")),
        ("turn_on", "living_room_thermostat", None, ("mode", "auto")),
        ("set_temperature", "living_room_thermostat", 70.0, ("target_temperature", 70)),
    ],
)
def test_steps(action: str, thing: str, value: object, expected: tuple[str, object]) -> None:
    (step,) = plan(Command(action, targets=(thing,), value=value), [THINGS[thing]], "C")
    assert (step.name, step.value) == expected


def test_what_a_thing_cannot_do_is_refused() -> None:
    with pytest.raises(InvalidValue, match="Front door"):
        plan(Command("turn_on", targets=("front_door",)), [THINGS["front_door"]], "C")
    with pytest.raises(InvalidValue):
        plan(Command("dock", targets=("floor_lamp",)), [THINGS["floor_lamp"]], "C")


def test_steps_of_degrees_shrink_with_the_unit() -> None:
    command = Command("increase_temperature", amount=2.0)
    (step,) = plan(command, [THINGS["living_room_thermostat"]], "F")
    assert (step.value, step.extra) == (1.1, {"relative": True})


@given(st.floats(40, 95))
def test_fahrenheit_there_and_back(value: float) -> None:
    assert abs(celsius(value, "F", "C") * 1.8 + 32 - value) <= 0.1
    assert celsius(value, "", "C") == value


@given(st.sampled_from(sorted(COLORS)))
def test_every_colour_is_known_by_its_own_name(name: str) -> None:
    hue, saturation = COLORS[name]
    said = color_name(hue, saturation)
    assert said == name or abs(COLORS[said][0] - hue) <= 12


@pytest.mark.parametrize("text", ["yes", "Yes please", "YES 4821", "ok", "yep!", "do it", "yes, 4821."])
def test_a_yes(text: str) -> None:
    assert yes(text) == ("4821" if "4821" in text else "")


@pytest.mark.parametrize(
    "text", ["yes 12", "yes turn on the lamp", "yesterday", "is it ok?", "no", "okay lights off", ""]
)
def test_no_yes(text: str) -> None:
    assert yes(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [("no", True), ("never mind", True), ("no thanks", True), ("not now", False), ("no lights", False)],
)
def test_a_no(text: str, *, expected: bool) -> None:
    assert no(text) is expected


@pytest.mark.parametrize(
    ("seconds", "said"), [(3, "just now"), (61, "1 minute ago"), (7300, "2 hours ago"), (90000, "1 day ago")]
)
def test_ages(seconds: float, said: str) -> None:
    assert ago(seconds) == said
