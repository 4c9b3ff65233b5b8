from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import InvalidValue
from claw.model.house import House
from claw.understanding.jsonl import answer, answers, load_house


def device(ident: str, name: str, capabilities: str, **more: object) -> dict[str, object]:
    domain = ident.split(".", maxsplit=1)[0]
    return {"id": ident, "name": name, "domain": domain, "capabilities": capabilities.split(), **more}


DOCUMENT = {
    "temperature_unit": "F",
    "areas": [{"id": "den", "name": "den", "floor": "ground", "aliases": ["snug"]}],
    "floors": [{"id": "ground", "aliases": ["downstairs"]}],
    "devices": [
        device("light.den", "den light", "on_off brightness", area="den"),
        device("cover.gate", "gate", "open_close", area=None, cover_class="gate"),
        device("climate.den", "den thermostat", "temperature hvac_mode", area="den"),
        device("scene.party", "party", "activate"),
    ],
}
HOUSE = load_house(DOCUMENT)


def ask(text: str) -> dict[str, object]:
    return dict(answer(json.dumps({"id": "1", "lang": "en", "text": text}), HOUSE))


def test_an_order() -> None:
    out = ask("set the den light to 30%")
    assert out["id"] == "1"
    assert out["outcome"] == "act"
    assert out["commands"] == [
        {
            "action": "set_brightness", "scope": "device", "targets": ["light.den"], "domain": "light",
            "value": 30.0, "unit": "percent",
        }
    ]  # fmt: skip
    assert isinstance(out["latency_ms"], float)


def test_a_question_back_carries_no_commands() -> None:
    out = ask("turn on the din light")
    assert (out["outcome"], out["commands"], out["reason"]) == ("clarify", [], "unknown_device")


def test_gates_are_covers_and_scenes_are_activated() -> None:
    assert ask("open the gate")["commands"][0]["domain"] == "cover"
    assert ask("activate party")["commands"][0]["action"] == "activate"
    assert ask("the snug to 70")["commands"][0]["targets"] == ["climate.den"]


def test_dialogues_carry_over() -> None:
    line = {
        "id": 2,
        "turns": [
            {"text": "turn on the den light"},
            {"text": "turn it off"},
            {"text": "turn on the dem light"},
            {"text": "yes"},
        ],
    }
    out = answer(json.dumps(line), HOUSE)
    turns = out["turns"]
    assert [turn["outcome"] for turn in turns] == ["act", "act", "clarify", "act"]
    assert turns[3]["commands"][0]["targets"] == ["light.den"]


@pytest.mark.parametrize(
    "line", ["{", "[]", "{}", '{"id": 7, "text": 3}', '{"id": 7, "turns": [{}]}', '{"id": 7, "turns": 4}', "null"]
)
def test_a_bad_line_gets_an_error_and_the_next_is_answered(line: str) -> None:
    bad, good = answers([line, "  ", json.dumps({"id": "x", "text": "den light on"})], HOUSE)
    assert bad["error"]
    assert good["outcome"] == "act"


@given(st.text())
def test_no_line_raises(line: str) -> None:
    answer(line, HOUSE)


@pytest.mark.parametrize("document", [[], {"devices": [{}]}, {"areas": [{"id": 1}]}, {"devices": 3}])
def test_a_bad_house_is_refused(document: object) -> None:
    with pytest.raises(InvalidValue):
        load_house(document)


@pytest.mark.parametrize(
    "line", ['{"id": ' + "1" * 5000 + "}", '{"id": "\\ud800", "text": "hi"}', '{"id": 1, "text": "\\ud800"}']
)
def test_lines_that_break_decoders_are_answered_and_cost_no_other_line(line: str) -> None:
    assert json.loads(json.dumps(answer(line, House())))
