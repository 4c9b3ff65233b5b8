from __future__ import annotations

import pytest

from claw.model.intent import Outcome
from claw.understanding import understand
from tests.tools.rooms import small_house

HOUSE = small_house().house()
KITCHEN = {"kitchen_light", "counter_lamp", "sink_lamp"}


@pytest.mark.parametrize(
    ("text", "action", "key", "targets"),
    [
        ("is the kitchen light on?", "get_state", "on", {"kitchen_light"}),
        ("are the kitchen lights off", "get_state", "off", KITCHEN),
        ("what's the temperature in the living room?", "get_temperature", "temperature", {"living_room_thermostat"}),
        ("how warm is it in the living room", "get_temperature", "temperature", {"living_room_thermostat"}),
        ("living room temperature", "get_temperature", "temperature", {"living_room_thermostat"}),
        ("which lights are on in the kitchen?", "get_state", "on", KITCHEN),
        ("is the front door locked?", "get_state", "locked", {"front_door"}),
        ("is the garage open", "get_state", "open", {"garage_door"}),
        ("are the shades closed?", "get_state", "closed", {"bedroom_shades"}),
        ("what is the volume of the sonos one", "get_state", "volume", {"sonos_one"}),
        ("how warm is the pool?", "get_temperature", "temperature", {"pool"}),
        ("what's the status of the coffee maker", "get_state", "state", {"coffee_maker"}),
        ("is the floor lamp and the bedside lamp on", "get_state", "on", {"floor_lamp", "bedside_lamp"}),
    ],
)
def test_questions(text: str, action: str, key: str, targets: set[str]) -> None:
    intent = understand(text, HOUSE)
    assert intent.outcome is Outcome.QUERY, intent
    (command,) = intent.commands
    assert (command.action, command.query, set(command.targets)) == (action, key, targets)


def test_whats_on_asks_whatever_can_be_on() -> None:
    (command,) = understand("what's on?", HOUSE).commands
    assert set(command.targets) > KITCHEN
    assert not {"front_door", "bedroom_shades"} & set(command.targets)


def test_how_many_is_a_count() -> None:
    assert understand("how many lights are on upstairs", HOUSE).commands[0].text == "count"


@pytest.mark.parametrize("text", ["is the flubber on?", "what is the humidity of the front door?"])
def test_questions_about_what_is_not_there(text: str) -> None:
    assert understand(text, HOUSE).outcome in {Outcome.CLARIFY, Outcome.NONE}


def test_a_question_never_acts() -> None:
    for text in ("is the kitchen light on and off", "are you on", "what is on the floor lamp on", "is it"):
        assert understand(text, HOUSE).outcome is not Outcome.ACT


def test_questions_that_cannot_be_answered_say_so() -> None:
    assert understand("what is the battery of the floor lamp", HOUSE).question == "The floor lamp can't tell me that."
    assert understand("what's the humidity in the kitchen", HOUSE).outcome is Outcome.CLARIFY
    assert understand("what is the state", HOUSE).question == "The state of what?"
    assert understand("is it on", HOUSE).reason == "no_referent"
    assert understand("is it on", HOUSE, referents=("floor_lamp",)).commands[0].targets == ("floor_lamp",)
