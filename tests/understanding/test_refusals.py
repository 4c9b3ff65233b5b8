"""What must never be acted on, whatever else the sentence says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.model.intent import Outcome
from claw.understanding import understand
from claw.understanding.words import english
from tests.tools.rooms import small_house

HOUSE = small_house().house()
SURE = st.sampled_from([
    "turn on the kitchen light",
    "floor lamp off",
    "set the floor lamp to 40%",
    "close the bedroom shades",
    "unlock the front door",
    "open the garage",
    "living room 21",
    "all lights off except the kitchen",
    "lights off and shades down",
    "pause the sonos one",
])  # fmt: skip
KNOWN = {word for phrase in english().phrases for word in phrase} | set(english().numbers)


@given(SURE, st.sampled_from(["don't ", "do not ", "never ", "please do not ever "]))
def test_negation(text: str, no: str) -> None:
    assert understand(no + text, HOUSE).outcome is Outcome.NONE


@given(
    SURE,
    st.sampled_from([
        " at 7am tomorrow", " in 20 minutes", " when I get home", " if it rains", " tonight", " every day",
        " at 19:30", " after dinner", " until noon", " for an hour", " on monday", " at sunset", " or not",
        " for 10 min",
    ]),
)  # fmt: skip
def test_times_and_conditions(text: str, tail: str) -> None:
    assert understand(text + tail, HOUSE).outcome is not Outcome.ACT


@given(
    SURE, st.sampled_from(["how do I ", "why did you ", "should I ", "when I ", "did you ", "what if I ", "I said "])
)
def test_questions_advice_and_past(text: str, head: str) -> None:
    assert understand(head + text, HOUSE).outcome is not Outcome.ACT


@given(SURE)
def test_quotation(text: str) -> None:
    assert understand(f'"{text}"', HOUSE).outcome is not Outcome.ACT
    assert understand(f"the kids said “{text}” all day", HOUSE).outcome is not Outcome.ACT


@given(SURE, st.text("bcdfghjklmnpqrtvwxz", min_size=4, max_size=9), st.randoms())
def test_one_unexplained_word_stops_an_order(text: str, word: str, where: object) -> None:
    words = text.split()
    for at in range(len(words) + 1):
        spoilt = " ".join([*words[:at], word, *words[at:]])
        assert understand(spoilt, HOUSE).outcome is not Outcome.ACT, spoilt


@given(SURE, st.data())
def test_a_dropped_letter_is_never_repaired_in_silence(text: str, data: st.DataObject) -> None:
    words = text.split()
    at = data.draw(st.integers(0, len(words) - 1))
    if len(words[at]) < 5:
        return
    cut = data.draw(st.integers(1, len(words[at]) - 2))
    typo = words[at][:cut] + words[at][cut + 1 :]
    if typo in KNOWN:
        return
    intent = understand(" ".join([*words[:at], typo, *words[at + 1 :]]), HOUSE)
    assert intent.outcome in {Outcome.CLARIFY, Outcome.NONE}


@given(st.text(max_size=1200))
def test_any_text_is_answered(text: str) -> None:
    intent = understand(text, HOUSE)
    known = {thing.id for thing in HOUSE.things}
    assert all(set(c.targets) <= known for c in intent.commands)
    if intent.outcome is Outcome.CLARIFY:
        assert intent.question


@given(st.lists(st.sampled_from(sorted(" ".join(phrase) for phrase in english().phrases)), max_size=8))
def test_any_words_of_the_lexicon_are_answered(phrases: list[str]) -> None:
    intent = understand(" ".join(phrases), HOUSE)
    if intent.outcome is Outcome.ACT:
        assert all(command.targets for command in intent.commands)


@pytest.mark.parametrize(
    "text",
    ["what is the weather", "tell me a joke", "who won the game", "", "🙏", "hello", "call my mother", "thanks"],
)
def test_out_of_scope(text: str) -> None:
    assert understand(text, HOUSE).outcome is Outcome.NONE
