from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.understanding.text import MAX_TEXT, plain, unquoted, words
from claw.understanding.words import english


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("What's ON?", "what is on"),
        ("Anna\u2019s lamp 💡", "anna lamp"),
        ("twenty one degrees", "21 degrees"),
        ("one hundred percent", "100 percent"),
        ("21°C, 40 %", "21 celsius , 40 percent"),
        ("2700K", "2700 kelvin"),
        ("19,5 c", "19.5 celsius"),
        ("up-stairs", "up stairs"),
        ("don't", "do not"),
        ("at 7:30", "at 7:30"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert " ".join(words(text, english())) == expected


def test_quotes() -> None:
    def none(_: str) -> None:
        return None

    assert unquoted('he said "lights on"', none, english()) == (["he", "said", "lights", "on"], True)
    assert unquoted("anna's lamp 5\" high", none, english())[1] is False
    assert unquoted('turn on "All" now', str.lower, english()) == (["turn", "on", "all", "now"], False)


@given(st.text())
def test_plain_is_bounded_lower_case_and_stable(text: str) -> None:
    out = plain(text)
    assert plain(out) == out or len(out) >= MAX_TEXT
    assert "  " not in out
