"""Names left short, names shared, places and floors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from claw.model.house import House
from claw.model.intent import Outcome
from claw.understanding import understand
from tests.tools.rooms import small_house


@pytest.fixture
def house() -> House:
    rooms = small_house()
    rooms.add("Kitchen ceiling spot", "light", "kitchen", on_off=False)
    rooms.add("Bedroom ceiling spot", "light", "bedroom", on_off=False)
    rooms.add("Bedroom thermostat", "thermostat", "bedroom", temperature=19, target_temperature=18, mode="heat")
    rooms.add("Thermostat", "thermostat", temperature=20, target_temperature=20, mode="heat")
    rooms.add("Office TV", "speaker", "bedroom", playback="paused", volume=3)
    return rooms.house()


def test_a_name_without_its_room_needs_the_room(house: House) -> None:
    asked = understand("turn on the ceiling spot", house)
    assert asked.question == "Which ceiling spot: Kitchen ceiling spot or Bedroom ceiling spot?"
    placed = understand("turn on the ceiling spot in the bedroom", house)
    assert placed.commands[0].targets == ("bedroom_ceiling_spot",)


def test_two_things_of_one_name_are_told_apart_by_room() -> None:
    rooms = small_house()
    twin = replace(rooms.things["floor_lamp"], id="twin", area="bedroom")
    rooms.things["twin"] = twin
    house = replace(rooms.house(), revision=77)
    asked = understand("floor lamp on", house)
    assert asked.question == "Which floor lamp: the one in the Living room or the one in the Bedroom?"
    assert understand("bedroom floor lamp on", house).commands[0].targets == ("twin",)


def test_a_name_whose_last_word_is_left_out() -> None:
    rooms = small_house()
    rooms.add("Simple Light 83BF", "light", on_off=False)
    assert understand("turn on the simple light", rooms.house()).commands[0].targets == ("simple_light_83bf",)


def test_the_end_of_a_name_that_is_in_no_room() -> None:
    rooms = small_house()
    rooms.add("Garden Room Ceiling lamp", "light", on_off=False)
    rooms.add("Garden Room Pump", "switch", on_off=False)
    assert understand("turn on the ceiling lamp", rooms.house()).commands[0].targets == ("garden_room_ceiling_lamp",)
    assert understand("pump on", rooms.house()).commands[0].targets == ("garden_room_pump",)
    rooms.add("Cellar Pump", "switch", on_off=False)
    asked = understand("pump on", replace(rooms.house(), revision=78))
    assert asked.question == "Which pump: Garden Room Pump or Cellar Pump?"


def test_the_whole_house_has_one_main_thermostat(house: House) -> None:
    assert understand("set the heating to 21", house).commands[0].targets == ("thermostat",)
    assert understand("thermostat in the bedroom to 21", house).commands[0].targets == ("bedroom_thermostat",)


def test_a_tv_is_never_a_speaker(house: House) -> None:
    assert understand("mute the tv", house).outcome is Outcome.CLARIFY  # the TV has no mute here
    assert understand("pause the tv", house).commands[0].targets == ("office_tv",)
    assert understand("pause the television in the kitchen", house).reason == "unknown_device"


def test_floors_and_the_whole_house(house: House) -> None:
    up = understand("all lights off upstairs", house).commands[0]
    assert set(up.targets) == {"bedside_lamp", "bedroom_ceiling_spot"}
    assert up.scope == "floor"
    assert len(understand("turn off every light in the house", house).commands[0].targets) == 7


def test_many_names_are_not_listed(house: House) -> None:
    assert understand("turn on the light", house).question == "Which light? Say its name or its room, or say all."


def test_a_noun_that_does_not_fit_its_name(house: House) -> None:
    assert understand("turn off the sonos one light", house).outcome is Outcome.CLARIFY


def test_nothing_of_that_kind_in_the_room(house: House) -> None:
    assert understand("close the shades in the kitchen", house).question == "I know no shade in the Kitchen."


def test_exclusions_by_name_and_all_excluded(house: House) -> None:
    left = understand("turn off the kitchen lights except the sink lamp", house).commands[0].targets
    assert "sink_lamp" not in left
    assert len(left) == 3
    assert understand("turn off the floor lamp except the floor lamp", house).outcome is Outcome.CLARIFY


def test_before_anyone_made_rooms_names_begin_with_them() -> None:
    rooms = small_house()
    for title in ("Attic north", "Attic south"):
        rooms.add(title, "light", on_off=False)
    rooms.add("Attic fan", "fan", on_off=False)
    house = rooms.house()
    assert understand("attic lights on", house).commands[0].targets == ("attic_north", "attic_south")
    assert understand("is the attic light on", house).commands[0].targets == ("attic_north", "attic_south")
    assert understand("attic on", house).outcome is Outcome.CLARIFY


def test_of_things_that_share_a_name_the_one_that_fits() -> None:
    rooms = small_house()
    twin = replace(rooms.things["coffee_maker"], id="pool_circuit", title="Pool", area="")
    rooms.things["pool_circuit"] = twin
    house = replace(rooms.house(), revision=78)
    assert understand("set the pool to 29", house).commands[0].targets == ("pool",)
    assert understand("how warm is the pool", house).commands[0].targets == ("pool",)
    rooms.things["lamp_one"] = replace(rooms.things["floor_lamp"], id="lamp_one", title="Orb", area="")
    rooms.things["lamp_two"] = replace(rooms.things["lamp_one"], id="lamp_two")
    same = replace(rooms.house(), revision=79)
    assert understand("orb on", same).question.startswith("I know 2 things called Orb. Give them rooms")


LAMPS = ("kitchen_light", "counter_lamp", "sink_lamp", "floor_lamp", "bedside_lamp")


@pytest.mark.parametrize(
    ("title", "area", "text", "meant"),
    [
        ("All lights", "kitchen", "turn on all lights", LAMPS),
        ("All lights", "", "turn on all the lights", LAMPS),
        ("All lights", "", "all lights on", LAMPS),
        ("All kitchen lights", "bedroom", "turn on all kitchen lights", LAMPS[:3]),
        ("All lights upstairs", "kitchen", "turn on all lights upstairs", LAMPS[4:]),
        ("Kitchen all lights", "kitchen", "turn on kitchen all lights", LAMPS[:3]),
        ("Every light", "kitchen", "turn on every light", LAMPS),
    ],
)
def test_a_thing_never_swallows_all(title: str, area: str, text: str, meant: tuple[str, ...]) -> None:
    rooms = small_house()
    own = rooms.add(title, "light", area, on_off=False)
    rooms.things[own] = replace(rooms.things[own], aliases=("Garland",))
    house = rooms.house()
    found = set(understand(text, house).commands[0].targets)
    assert found >= set(meant)
    assert found - {own} == set(meant)
    for named in (f'turn on "{title}"', f"turn on the \u201c{title.upper()}\u201d please", "turn on the garland"):
        assert understand(named, house).commands[0].targets == (own,), named


def test_everything_stays_everything() -> None:
    rooms = small_house()
    own = rooms.add("Everything", "switch", "kitchen", on_off=True)
    rooms.add("Kitchen everything", "light", "kitchen", on_off=True)
    rooms.add("Everything bagel toaster", "switch", "kitchen", on_off=True)
    house = rooms.house()
    assert set(understand("turn off everything", house).commands[0].targets) >= set(LAMPS)
    assert understand("turn on everything", house).outcome is Outcome.CLARIFY
    assert understand('turn off "everything"', house).commands[0].targets == (own,)
    assert understand("everything bagel toaster on", house).commands[0].targets == ("everything_bagel_toaster",)


def test_other_peoples_words_stay_theirs() -> None:
    rooms = small_house()
    rooms.add("All lights", "light", on_off=False)
    asked = understand('she said "unlock the door" and "all lights" on', rooms.house())
    assert asked.outcome is not Outcome.ACT
