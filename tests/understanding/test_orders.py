"""Sentences that are sure: what is done, to what, with which value."""

from __future__ import annotations

import pytest

from claw.model.intent import Outcome
from claw.understanding import understand
from tests.tools.rooms import small_house

HOUSE = small_house().house()
KITCHEN = ("kitchen_light", "counter_lamp", "sink_lamp")
LIGHTS = (*KITCHEN, "floor_lamp", "bedside_lamp")


@pytest.mark.parametrize(
    ("text", "action", "targets"),
    [
        ("turn on the kitchen light", "turn_on", ("kitchen_light",)),
        ("Kitchen light on pls 🙏", "turn_on", ("kitchen_light",)),
        ("could you switch the floor lamp off please?", "turn_off", ("floor_lamp",)),
        ("kitchen lights off", "turn_off", KITCHEN),
        ("turn off all the lights", "turn_off", LIGHTS),
        ("lights out downstairs", "turn_off", (*KITCHEN, "floor_lamp")),
        ("all lights off except the kitchen", "turn_off", ("floor_lamp", "bedside_lamp")),
        ("turn off every light but not the bedside lamp", "turn_off", (*KITCHEN, "floor_lamp")),
        ("turn off the kitchen and bedroom lights", "turn_off", (*KITCHEN, "bedside_lamp")),
        ("turn on the floor lamp and the bedside lamp", "turn_on", ("floor_lamp", "bedside_lamp")),
        ("toggle the coffee maker", "toggle", ("coffee_maker",)),
        ("close the shades", "close", ("bedroom_shades",)),
        ("shades down", "close", ("bedroom_shades",)),
        ("raise the bedroom shades", "open", ("bedroom_shades",)),
        ("open the garage", "open", ("garage_door",)),
        ("shut the garage door", "close", ("garage_door",)),
        ("lock the front door", "lock", ("front_door",)),
        ("unlock the front door", "unlock", ("front_door",)),
        ("mute the sonos one", "mute", ("sonos_one",)),
        ("next song", "next", ("sonos_one", "bath_radio")),
        ("pause the music in the living room", "pause", ("sonos_one",)),
        ("dim the floor lamp", "decrease_brightness", ("floor_lamp",)),
        ("make the bedside lamp brighter", "increase_brightness", ("bedside_lamp",)),
        ("turn the heat up", "increase_temperature", ("living_room_thermostat",)),
        ("turn up the living room speaker", "increase_volume", ("sonos_one",)),
    ],
)
def test_action_and_targets(text: str, action: str, targets: tuple[str, ...]) -> None:
    intent = understand(text, HOUSE)
    assert intent.outcome is Outcome.ACT, intent
    assert [(c.action, set(c.targets)) for c in intent.commands] == [(action, set(targets))]


@pytest.mark.parametrize(
    ("text", "action", "value", "unit", "amount"),
    [
        ("set the floor lamp to 35%", "set_brightness", 35, "percent", None),
        ("floor lamp fifty five percent", "set_brightness", 55, "percent", None),
        ("dim the floor lamp to 20", "set_brightness", 20, "percent", None),
        ("dim the floor lamp by 20", "decrease_brightness", None, "percent", 20),
        ("floor lamp to full brightness", "set_brightness", 100, "percent", None),
        ("make the floor lamp blue", "set_color", "blue", "", None),
        ("set the kitchen light to warm white", "set_color_temp", 2700, "K", None),
        ("kitchen light 4000k", "set_color_temp", 4000, "K", None),
        ("living room 21", "set_temperature", 21, "C", None),
        ("set the thermostat to 70 degrees fahrenheit", "set_temperature", 70, "F", None),
        ("turn the thermostat up by 2 degrees", "increase_temperature", None, "", 2),
        ("turn the thermostat up to 22", "set_temperature", 22, "C", None),
        ("set the thermostat to cool", "set_mode", "cool", "", None),
        ("open the shades 30%", "set_position", 30, "percent", None),
        ("bedroom shades halfway", "set_position", 50, "percent", None),
        ("close the bedroom shades halfway", "set_position", 50, "percent", None),
        ("volume 15 on the sonos one", "set_volume", 15, "percent", None),
        ("turn the sonos one down by 5", "decrease_volume", None, "percent", 5),
        ("set the pool to 29 degrees", "set_temperature", 29, "C", None),
        ("turn on the pool heat", "set_mode", "heater", "", None),
        ("pool heater off", "set_mode", "off", "", None),
    ],
)
def test_values(text: str, action: str, value: object, unit: str, amount: float | None) -> None:
    intent = understand(text, HOUSE)
    assert intent.outcome is Outcome.ACT, intent
    (command,) = intent.commands
    assert (command.action, command.value, command.unit, command.amount) == (action, value, unit, amount)


def test_several_orders_in_one_message() -> None:
    intent = understand("lights off and shades down, then lock the front door", HOUSE)
    assert [(c.action, len(c.targets)) for c in intent.commands] == [("turn_off", 5), ("close", 1), ("lock", 1)]


def test_a_second_value_takes_the_first_verb() -> None:
    intent = understand("set the floor lamp to 40% and the bedside lamp to 60%", HOUSE)
    assert [(c.targets, c.value) for c in intent.commands] == [(("floor_lamp",), 40), (("bedside_lamp",), 60)]


def test_it_is_what_was_just_named() -> None:
    inside = understand("turn on the floor lamp and set it to 40 percent", HOUSE)
    assert [c.targets for c in inside.commands] == [("floor_lamp",)] * 2
    before = understand("turn it off", HOUSE, referents=("bedside_lamp",))
    assert before.commands[0].targets == ("bedside_lamp",)
    assert understand("turn it off", HOUSE).reason == "no_referent"


def test_everything_off_spares_doors_heat_and_shades() -> None:
    intent = understand("turn off everything", HOUSE)
    touched = {t for c in intent.commands for t in c.targets}
    assert touched == {*LIGHTS, "coffee_maker", "sonos_one", "bath_radio"}
    assert understand("turn on everything", HOUSE).outcome is Outcome.CLARIFY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("turn on the lamp", "ambiguous_device"),
        ("turn off the kitchen", "ambiguous_device"),
        ("set the floor lamp to 21 degrees", "vague"),
        ("set the thermostat", "missing_value"),
        ("make the coffee maker blue", "unsupported"),
        ("turn off the floor lamp in the bedroom", "unknown_device"),
        ("turn on", "missing_value"),
        ("turn the floor lamp off at 40%", "ambiguous_value"),
        ("close the shades 30%", "ambiguous_value"),
        ("kitchen light", "missing_value"),
    ],
)
def test_asks_when_not_sure(text: str, reason: str) -> None:
    intent = understand(text, HOUSE)
    assert (intent.outcome, intent.reason) == (Outcome.CLARIFY, reason)
    assert intent.question.endswith((".", "?"))


def test_a_yes_may_mean_the_lights_of_a_room() -> None:
    intent = understand("turn off the kitchen", HOUSE)
    assert intent.question == "Do you want me to turn off the lights in the kitchen?"
    assert intent.commands[0].targets == KITCHEN


def test_a_lock_cannot_be_opened_only_unlocked() -> None:
    intent = understand("open the front door", HOUSE)
    assert intent.outcome is Outcome.CLARIFY
    assert (intent.commands[0].action, intent.commands[0].targets) == ("unlock", ("front_door",))


def test_lights_without_the_ability_are_left_out_of_a_group() -> None:
    rooms = small_house()
    rooms.add("Pantry bulb", "light", "kitchen", on_off=False)
    intent = understand("set the kitchen lights to 30%", rooms.house())
    assert intent.commands[0].targets == KITCHEN
    alone = understand("set the pantry bulb to 30%", rooms.house())
    assert alone.question == "The Pantry bulb can't be dimmed."


def test_a_speaker_called_like_its_room_leaves_the_name_to_the_room() -> None:
    rooms = small_house()
    rooms.add("Living room", "speaker", "living_room", playback="playing", volume=10)
    assert understand("living room 21", rooms.house()).commands[0].targets == ("living_room_thermostat",)
    assert "living_room" in understand("pause the living room speakers", rooms.house()).commands[0].targets


def test_undo_find_and_why() -> None:
    assert understand("undo that", HOUSE).outcome is Outcome.UNDO
    found = understand("can you find my Sonos?", HOUSE).commands[0]
    assert (found.action, found.text) == ("find_devices", "sonos")
    assert understand("find new devices", HOUSE).commands[0].text == ""
    why = understand("why did the floor lamp turn on?", HOUSE).commands[0]
    assert (why.action, why.targets) == ("why", ("floor_lamp",))
