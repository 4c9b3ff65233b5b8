"""Rung 3 notices every way in which a document and a capture can disagree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from claw.adapters import replay
from tests.adapters import captures

NAME = "philips_hue_v2"
LAMP = "3f1b6bb4-0000-4000-8000-000000000001"


def problems(change: Callable[[dict[str, Any]], object], name: str = NAME) -> list[str]:
    capture = captures.load(name)
    change(capture["expect"])
    return list(replay.problems(captures.adapter(name), replay.Capture.of(capture)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda expect: expect["units"].pop(), "was not expected"),
        (lambda expect: expect["units"].append({"unit": "x", "title": "x", "model": "x"}), "there is no unit 'x'"),
        (lambda expect: expect["units"][0].update(title="Other"), "is {'unit'"),
        (lambda expect: expect["units"][0].update(lacks=["color"]), "lacks nothing"),
        (lambda expect: expect["readings"][LAMP].pop("on_off"), "on_off has no expected reading"),
        (lambda expect: expect["readings"][LAMP].update(brightness=12), "brightness reads 71.54, not 12"),
        (lambda expect: expect["readings"][LAMP].update(on_off=1), "on_off reads True, not 1"),
        (lambda expect: expect["readings"][LAMP].update(color={"hue": 0, "saturation": 0}), "color reads None"),
        (lambda expect: expect["writes"][0].update(value=7), "On must be true or false, not 7"),
        (lambda expect: expect["writes"][0].update(body=None), "sends ('PUT'"),
        (lambda expect: expect["pushes"][0].update(value=True), "is pushed as False, not True"),
        (
            lambda expect: expect["pushes"][0].update(
                payload=[{"type": "update", "data": [{"id": LAMP, "on": {"on": 5}}]}]
            ),
            "On must be true",
        ),
        (
            lambda expect: expect["pushes"].append(
                {"unit": LAMP[:-1] + "7", "property": "motion", "payload": [], "value": 1}
            ),
            "pushed as None",
        ),
        (lambda expect: expect["offline"].clear(), "3 is offline, not online"),
        (lambda expect: expect["offline"].append(LAMP), "1 is online, not offline"),
        (lambda expect: expect["pushes"][1].update(value=True), "claw:online is pushed as False, not True"),
        (lambda expect: expect["identities"].clear(), "it says that it is ['serial:"),
    ],
)
def test_a_disagreement_is_said(change: Callable[[dict[str, Any]], object], said: str) -> None:
    assert problems(dict) == []
    assert any(said in line for line in problems(change)), problems(change)


def test_what_was_not_captured_is_said() -> None:
    capture = captures.load(NAME)
    capture["exchanges"] = [each for each in capture["exchanges"] if each["href"] != "/clip/v2/resource/motion"]
    found = list(replay.problems(captures.adapter(NAME), replay.Capture.of(capture)))
    assert any("there is no unit" in line for line in found)
    wled = captures.load("wled")
    wled["exchanges"] = wled["exchanges"][:1]
    assert "main.on_off: nothing was captured for the href of its read form" in list(
        replay.problems(captures.adapter("wled"), replay.Capture.of(wled))
    )


def test_a_unit_cannot_be_offline_where_nothing_tells_it() -> None:
    assert problems(lambda expect: expect.update(offline=["main"]), "wled") == [
        "main is said to be offline, but its model has no 'claw:online'"
    ]
    capture = captures.load(NAME)
    capture["exchanges"] = [each for each in capture["exchanges"] if "zigbee" not in each["href"]]
    found = list(replay.problems(captures.adapter(NAME), replay.Capture.of(capture)))
    assert f"{LAMP}: nothing was captured for the href of its claw:online" in found


def test_garbage_in_a_capture_is_said() -> None:
    capture = captures.load("wled")
    capture["exchanges"][1]["answer"]["bri"] = "bright"
    found = list(replay.problems(captures.adapter("wled"), replay.Capture.of(capture)))
    assert any(line.startswith("main.brightness: ") for line in found)


def test_a_wrong_action_is_said() -> None:
    found = problems(lambda expect: expect["actions"][0].update(href="/x"), "powerview_gen3")
    assert any("50.stop sends" in line for line in found)
    assert any(
        "color is not observed" in line or "is not observed" in line
        for line in problems(
            lambda expect: expect["pushes"].append({"unit": "51", "property": "tilt", "payload": {}, "value": 1}),
            "powerview_gen3",
        )
    )
