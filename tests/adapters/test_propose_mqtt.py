"""The MQTT compiler: Home Assistant's discovery messages."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.adapters import codec, document, forms, verify
from claw.adapters.adapter import Adapter, UnitModel
from claw.adapters.ha_template import body, selection
from claw.adapters.propose_mqtt import propose
from claw.model.json import Json
from tests.adapters.ha_configs import CONFIGS, ROOM
from tests.adapters.mangle import anything, mangled


def compiled(configs: dict[str, Any]) -> dict[str, Adapter]:
    return {each.title: each for each in map(document.parse, propose({"configs": configs}))}


HOUSE = compiled(CONFIGS)
ROOM_UNITS = {unit.title: unit for unit in HOUSE["Room"].units.values()}


def read(unit: UnitModel, name: str, payload: Json) -> Json:
    bound = unit.properties[name]
    assert bound.read is not None
    return codec.decode(bound.codec, forms.select(bound.read.select, payload))


def write(unit: UnitModel, name: str, value: Json) -> tuple[str, Json]:
    bound = unit.properties[name]
    assert bound.write is not None
    form, payload = forms.fill(bound.write, {}, codec.encode(bound.codec, value))
    return form.href, payload


def test_entities_are_grouped_by_device() -> None:
    assert set(HOUSE) == {"Room", "Gate", "Front Door", "Multi"}
    assert set(ROOM_UNITS) == {
        "Room Lamp", "Bulb", "Room Kelvin", "Room Words", "Room Slats",
        "Room Socket", "Room Blind", "Room Awning", "Room Fan", "Room AC", "Room Target",
        "Room Temperature", "Room Water", "Room Window", "Room Motion",
    }  # fmt: skip
    assert "Room Text is not a number" in str(HOUSE["Room"].document["description"])
    multi = {unit.title: unit for unit in HOUSE["Multi"].units.values()}
    assert set(multi) == {"Multi A", "Multi B"}
    told = multi["Multi A"].properties["on_off"].read
    assert told is not None
    assert told.terms["mqtt:availability"] == [{"topic": "multi/here", "offline": "offline"}]
    credential = HOUSE["Room"].credential
    assert credential is not None
    assert credential.optional


def test_every_document_climbs_the_ladder_as_far_as_it_can_without_the_device() -> None:
    for adapter in HOUSE.values():
        assert [(receipt.level, receipt.detail) for receipt in verify.static(adapter) if not receipt.passed] == []


def test_a_json_light() -> None:
    lamp = ROOM_UNITS["Room Lamp"]
    state = {"state": "ON", "brightness": 40, "color": {"h": 30, "s": 70}, "color_temp": 250}
    assert {name: read(lamp, name, state) for name in lamp.properties} == {
        "on_off": True,
        "brightness": 40,
        "color": {"hue": 30, "saturation": 70},
        "color_temperature": 4000,
    }
    assert write(lamp, "on_off", value=False) == ("room/lamp/set", {"state": "OFF"})
    assert write(lamp, "brightness", 33.3) == ("room/lamp/set", {"state": "ON", "brightness": 33})
    assert write(lamp, "color", {"hue": 1, "saturation": 2})[1] == {"state": "ON", "color": {"h": 1, "s": 2}}
    assert write(lamp, "color_temperature", 2700)[1] == {"state": "ON", "color_temp": 370}
    form = lamp.properties["on_off"].read
    assert form is not None
    assert form.terms["mqtt:availability"] == [{"topic": "room/lamp/here", "offline": "offline"}]


def test_a_plain_light_keeps_qos_and_retain_to_its_commands() -> None:
    bulb = ROOM_UNITS["Bulb"]
    assert read(bulb, "brightness", 128) == 50
    assert write(bulb, "brightness", 100) == ("room/bulb/level/set", 255)
    written, told = bulb.properties["on_off"].write, bulb.properties["on_off"].read
    assert written is not None
    assert told is not None
    assert {key: written.terms[key] for key in ("mqtt:qos", "mqtt:retain")} == {"mqtt:qos": 1, "mqtt:retain": True}
    assert "mqtt:retain" not in told.terms


def test_other_lights() -> None:
    kelvin, words = ROOM_UNITS["Room Kelvin"], ROOM_UNITS["Room Words"]
    spec = kelvin.properties["color_temperature"].property
    assert (spec.minimum, spec.maximum) == (2200, 6500)
    assert write(kelvin, "color_temperature", 2700.4) == ("room/k/t/set", 2700)
    assert [read(words, "on_off", {"lit": word}) for word in ("on", "off")] == [True, False]
    assert [write(words, "on_off", value)[1] for value in (True, False)] == [1, 0]


def test_a_switch_may_be_told_and_tell_in_different_words() -> None:
    socket = ROOM_UNITS["Room Socket"]
    assert [read(socket, "on_off", {"POWER": word}) for word in ("ON", "OFF", "1", 0)] == [True, False, True, False]
    assert [write(socket, "on_off", value)[1] for value in (True, False)] == ["1", "0"]


def test_covers() -> None:
    blind, awning = ROOM_UNITS["Room Blind"], ROOM_UNITS["Room Awning"]
    assert [read(blind, "position", at) for at in (0, 255)] == [100, 0]
    assert write(blind, "position", 60) == ("room/blind/pos/set", 102)
    assert read(blind, "motion_state", "closing") == "closing"
    assert {name: action.form.body for name, action in blind.actions.items()} == {
        "open": "OPEN",
        "close": "CLOSE",
        "stop": "STOP",
    }
    slats = ROOM_UNITS["Room Slats"]
    assert [read(slats, "tilt", angle) for angle in (-45, 0, 45)] == [0, 50, 100]
    assert set(slats.properties) == {"position", "tilt"}
    assert [read(awning, "position", word) for word in ("open", "opening", "closed")] == [100, 50, 0]
    assert write(awning, "position", 100) == ("room/awning/set", "OPEN")
    assert write(awning, "position", 30) == ("room/awning/set", "CLOSE")  # the nearer end; the read-back tells


def test_a_gate_has_the_care_of_a_garage_door() -> None:
    (gate,) = HOUSE["Gate"].units.values()
    assert gate.capabilities == ("garage_door",)
    assert [read(gate, "open", word) for word in ("open", "closing", "closed")] == [True, True, False]
    assert [write(gate, "open", value)[1] for value in (True, False)] == ["OPEN", "CLOSE"]


def test_a_fan_with_four_speeds() -> None:
    fan = ROOM_UNITS["Room Fan"]
    assert read(fan, "speed", 3) == 75
    assert write(fan, "speed", 50) == ("room/fan/speed/set", 2)
    assert write(fan, "direction", "reverse") == ("room/fan/dir/set", "reverse")
    assert write(fan, "oscillate", value=True) == ("room/fan/osc/set", "oscillate_on")


def test_a_climate_in_fahrenheit_is_celsius() -> None:
    ac = ROOM_UNITS["Room AC"]
    assert read(ac, "temperature", {"now": 68}) == 20
    assert read(ac, "target_temperature", {"set": "77"}) == 25
    assert write(ac, "target_temperature", 21) == ("room/ac/set", {"set": 69.8})
    spec = ac.properties["target_temperature"].property
    assert (spec.minimum, spec.maximum) == (15.6, 26.7)
    assert ac.properties["mode"].property.enum == ("off", "heat", "auto")
    assert read(ac, "activity", "drying") == "idle"
    assert write(ac, "mode", "auto") == ("room/ac/mode/set", "heat_cool")


def test_a_lock() -> None:
    (door,) = HOUSE["Front Door"].units.values()
    assert [read(door, "locked", word) for word in ("LOCKED", "UNLOCKED", "JAMMED")] == [True, False, False]
    assert read(door, "jammed", "JAMMED") is True
    assert write(door, "locked", value=True) == ("door/set", "LOCK")


def test_sensors_are_converted_and_numbers_never_written() -> None:
    assert read(ROOM_UNITS["Room Temperature"], "temperature", {"t": 680}) == 20
    water = ROOM_UNITS["Room Water"].properties["value"].property
    assert (water.unit, water.title) == ("L", "Room Water")
    assert ROOM_UNITS["Room Target"].properties["value"].write is None
    assert read(ROOM_UNITS["Room Window"], "contact_open", "ON") is True
    assert [read(ROOM_UNITS["Room Motion"], "motion", {"occupancy": on}) for on in (True, "false")] == [True, False]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"val_tpl": "{% if value == 1 %}ON{% endif %}"}, "value_template"),
        ({"val_tpl": "{{ states('x') }}"}, "value_template"),
        ({"stat_t": "room/+/x"}, "state_topic"),
        ({"stat_t": "a/{x}"}, "state_topic"),
        ({"stat_t": None}, "state_topic"),
        ({"cmd_tpl": "{{ value }}{{ value }}"}, "command_template"),
        ({"pl_on": "X", "pl_off": "X", "stat_on": "X", "stat_off": "X"}, "same word"),
    ],
)
def test_what_does_not_invert_is_left_out_with_the_reason(changes: dict[str, Any], why: str) -> None:
    key = "homeassistant/switch/room/socket/config"
    other = "homeassistant/sensor/w/config"
    (adapter,) = compiled({key: {**CONFIGS[key], **changes}, other: CONFIGS[other]}).values()
    assert {unit.title for unit in adapter.units.values()} == {"Room Water"}
    assert why in str(adapter.document["description"])


def test_the_same_name_twice_makes_two_units() -> None:
    config = {"uniq_id": "A!", "stat_t": "a", "cmd_t": "b", "dev": ROOM}
    (adapter,) = compiled({f"homeassistant/switch/{n}/config": {**config, "uniq_id": f"A{n}"} for n in "!?"}).values()
    assert len(adapter.units) == 2


@pytest.mark.parametrize(
    ("template", "select", "steps"),
    [
        ("", "@", []),
        ("{{ value }}", "@", []),
        ("{{value|int}}", "@", []),
        ("{{ value_json.a.b }}", '"a"."b"', []),
        ("{{ value_json['a b'][0].c | float(0) }}", '"a b"[0]."c"', []),
        ("{{ value_json.t | round(1) }}", '"t"', [{"op": "round", "digits": 1}]),
    ],
)
def test_value_templates(template: str, select: str, steps: list[Any]) -> None:
    found = selection(template)
    assert found is not None
    assert (found.select, list(found.codec)) == (select, steps)


@pytest.mark.parametrize(
    ("template", "made"),
    [
        ("", "{value}"),
        ("{{ value }}", "{value}"),
        ('{"a": {{ value | int }}}', {"a": "{value}"}),
        ('{"a": "{{ value }}", "b": 1}', {"a": "{value}", "b": 1}),
        ("SET {{ value }}", "SET {value}"),
        ("{% if value %}1{% endif %}", None),
        ("{{ value + 1 }}", None),
        ('{"{{ value }}": 1}', None),
        ('{"a": "{other}", "b": {{ value }}}', None),
    ],
)
def test_command_templates(template: str, made: Any) -> None:
    assert body(template) == made


@given(st.sampled_from(list(CONFIGS)).flatmap(lambda key: mangled({key: CONFIGS[key]})))
def test_no_mangled_config_breaks_the_compiler(configs: Any) -> None:
    for each in propose({"configs": configs}):
        document.parse(each)


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_template_breaks_the_compiler(one: str, two: str) -> None:
    key = "homeassistant/switch/room/socket/config"
    for template in (one, "{{" + one + "}}", "{{ value_json." + one + " | " + two + " }}"):
        found = {**CONFIGS[key], "val_tpl": template, "cmd_tpl": template + two}
        for each in propose({"configs": {key: found}}):
            document.parse(each)


@given(anything)
def test_no_json_breaks_the_compiler(evidence: Any) -> None:
    for each in propose(evidence):
        document.parse(each)
