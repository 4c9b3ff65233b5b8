"""Actions: what they take, and what should be seen of them."""

from __future__ import annotations

from typing import Any

import pytest

from claw.capabilities.catalog import capability
from claw.devices.expected import check, expected
from claw.errors import InvalidValue
from claw.model.thing import Thing


def thing(kind: str) -> Thing:
    found = capability(kind)
    return Thing("it", "It", "d", "a", "main", "m", (kind,), found.properties, found.actions)


@pytest.mark.parametrize(
    ("kind", "action", "seen"),
    [
        ("speaker", "play", ("playback", "playing")),
        ("speaker", "pause", ("playback", "paused")),
        ("speaker", "stop", ("playback", "stopped")),
        ("speaker", "next", None),
        ("cover", "open", ("position", 100)),
        ("cover", "close", ("position", 0)),
        ("cover", "stop", ("motion_state", "stopped")),
    ],
)
def test_what_proves_an_action(kind: str, action: str, seen: tuple[str, Any] | None) -> None:
    found = expected(thing(kind), action)
    assert (found and (found.property, found.asked)) == seen


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({}, "Play a favourite needs 'name', a string of at most 256 characters."),
        ({"name": 7}, "Play a favourite needs 'name', a string of at most 256 characters."),
        ({"name": ""}, "Play a favourite needs 'name', a string of at most 256 characters."),
        ({"name": "x" * 300}, "Play a favourite needs 'name', a string of at most 256 characters."),
        ({"name": "Jazz", "volume": 9}, "Play a favourite does not take 'volume'; it takes: name."),
    ],
)
def test_wrong_arguments_are_refused(arguments: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check(thing("speaker"), "play_favourite", arguments)
    assert str(caught.value) == sentence


def test_right_arguments_pass() -> None:
    assert check(thing("speaker"), "play_favourite", {"name": "Jazz"}).name == "play_favourite"
    assert check(thing("speaker"), "play", {}).name == "play"
