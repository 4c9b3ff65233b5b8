from __future__ import annotations

import pytest

from claw.model.intent import Outcome
from claw.understanding import understand
from tests.tools.rooms import small_house

HOUSE = small_house().house()


def test_the_exact_sentence_for_a_typo() -> None:
    intent = understand("turn on the kichen lamp", HOUSE)
    assert intent.question == "I don't know a 'kichen lamp'. Did you mean 'kitchen lamp'?"
    assert (intent.outcome, intent.reason) == (Outcome.CLARIFY, "unknown_device")
    assert intent.commands[0].action == "turn_on"
    assert set(intent.commands[0].targets) == {"counter_lamp", "sink_lamp"}


@pytest.mark.parametrize(
    ("text", "near", "targets"),
    [
        ("turn off the flor lamp", "floor lamp", {"floor_lamp"}),
        ("turn on the cofee maker", "coffee maker", {"coffee_maker"}),
        ("close the bedrom shades", "bedroom shades", {"bedroom_shades"}),
        ("unlock the frint door", "front door", {"front_door"}),
    ],
)
def test_the_nearest_name_is_offered_never_taken(text: str, near: str, targets: set[str]) -> None:
    intent = understand(text, HOUSE)
    assert intent.outcome is Outcome.CLARIFY
    assert f"Did you mean '{near}'?" in intent.question
    assert set(intent.commands[0].targets) == targets


def test_nothing_near_is_said_plainly() -> None:
    intent = understand("turn on the flux capacitor", HOUSE)
    assert intent.question == "I don't know a 'flux capacitor'."
    assert intent.commands == ()


def test_an_article_that_fits() -> None:
    assert understand("turn on the unobtainium engine", HOUSE).question.startswith("I don't know an 'unobtainium")


def test_a_known_target_with_strange_words_around_it() -> None:
    intent = understand("turn on the floor lamp wuthering", HOUSE)
    assert intent.outcome is Outcome.CLARIFY
    assert "wuthering" in intent.question
