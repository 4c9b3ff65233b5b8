from __future__ import annotations

import pytest

from claw.errors import Forbidden, InvalidValue, NotFound
from claw.model.affordance import Risk
from claw.model.level import Level
from claw.tools.toolbox import Toolbox
from tests.tools.rooms import ADULT, GUEST, OWNER, Rooms, caller, small_house


@pytest.fixture
def rooms() -> Rooms:
    return small_house()


@pytest.fixture
def box(rooms: Rooms) -> Toolbox:
    return Toolbox(rooms.desk())


def lights() -> dict[str, object]:
    return {"things": ["kitchen_light"], "property": "on_off", "value": True}


def unlock() -> dict[str, object]:
    return {"things": ["front_door"], "property": "locked", "value": False}


def test_every_tool_is_found_with_its_schema(box: Toolbox) -> None:
    assert set(box.specs) == {"set_property", "read_property", "invoke_action", "find_devices", "undo", "why"}
    spec = box.specs["set_property"]
    assert spec.risk is Risk.HARMLESS
    assert set(spec.schema["required"]) == {"things", "property"}
    assert "desk" not in spec.schema["properties"]
    assert "read it back" in spec.description


async def test_a_call_runs_and_reports(box: Toolbox, rooms: Rooms) -> None:
    result = await box.call("set_property", lights(), caller())
    assert result.needs is None
    assert [(e.thing, e.new, e.verified) for e in result.effects] == [("kitchen_light", True, True)]
    assert rooms.sent == [("kitchen_light", "on_off", True)]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({}, "things"),
        ({"things": "kitchen_light", "property": "on_off"}, "things"),
        ({"things": [1], "property": "on_off"}, "things.0"),
        ({"things": ["kitchen_light"], "property": "on_off", "force": True}, "force"),
        ({"things": ["kitchen_light"], "property": "on_off", "value": True, "relative": "yes"}, "relative"),
    ],
)
async def test_wrong_arguments_are_named(box: Toolbox, rooms: Rooms, arguments: dict[str, object], word: str) -> None:
    with pytest.raises(InvalidValue, match=word):
        await box.call("set_property", arguments, caller())
    assert rooms.sent == []


async def test_an_unknown_tool_is_told_what_there_is(box: Toolbox) -> None:
    with pytest.raises(NotFound, match="set_property"):
        await box.call("format_disk", {}, caller())


@pytest.mark.parametrize("principal", [OWNER, ADULT])
async def test_secure_waits_for_a_confirmation(box: Toolbox, rooms: Rooms, principal: object) -> None:
    waiting = await box.call("set_property", unlock(), caller(principal))
    assert (waiting.needs, waiting.effects) == (Risk.SECURE, ())
    assert rooms.sent == []
    done = await box.call("set_property", unlock(), caller(principal, confirmed=True))
    assert done.effects[0].verified


@pytest.mark.parametrize("confirmed", [False, True])
async def test_guests_do_harmless_things_only(box: Toolbox, rooms: Rooms, *, confirmed: bool) -> None:
    guest = caller(GUEST, confirmed=confirmed)
    assert (await box.call("set_property", lights(), guest)).effects[0].verified
    warmth = {"things": ["living_room_thermostat"], "property": "target_temperature", "value": 21}
    for arguments in (unlock(), warmth):
        with pytest.raises(Forbidden):
            await box.call("set_property", arguments, guest)
    assert [sent[0] for sent in rooms.sent] == ["kitchen_light"]


async def test_a_safe_value_of_a_secure_property_is_harmless(box: Toolbox, rooms: Rooms) -> None:
    rooms.values["front_door"]["locked"] = False
    lock = {"things": ["front_door"], "property": "locked", "value": True}
    assert (await box.call("set_property", lock, caller(GUEST))).effects[0].verified


async def test_the_highest_risk_of_all_things_counts(box: Toolbox, rooms: Rooms) -> None:
    both = {"things": ["kitchen_light", "front_door"], "property": "locked", "value": False}
    assert (await box.call("set_property", both, caller())).needs is Risk.SECURE
    assert rooms.sent == []


async def test_toggling_a_lock_is_as_risky_as_unlocking(box: Toolbox) -> None:
    toggle = {"things": ["front_door"], "property": "locked", "toggle": True}
    assert (await box.call("set_property", toggle, caller())).needs is Risk.SECURE


async def test_unproved_things_want_an_owners_yes(box: Toolbox, rooms: Rooms) -> None:
    rooms.add("New bulb", "light", "kitchen", Level.LIVE_READ, on_off=False)
    order = {"things": ["new_bulb"], "property": "on_off", "value": True}
    waiting = await box.call("set_property", order, caller())
    assert (waiting.needs, waiting.unproved) == (Risk.HARMLESS, ("new_bulb",))
    with pytest.raises(Forbidden, match="New bulb"):
        await box.call("set_property", order, caller(ADULT))
    assert rooms.sent == []
    assert (await box.call("set_property", order, caller(confirmed=True))).effects[0].verified


async def test_a_lock_below_witnessed_asks_even_to_lock(box: Toolbox, rooms: Rooms) -> None:
    rooms.add("Side door", "lock", "kitchen", Level.WRITE_READ_BACK, locked=False)
    lock = {"things": ["side_door"], "property": "locked", "value": True}
    assert (await box.call("set_property", lock, caller())).needs is Risk.HARMLESS


async def test_reading_needs_nobodys_yes(box: Toolbox, rooms: Rooms) -> None:
    rooms.add("New bulb", "light", "kitchen", Level.LIVE_READ, on_off=False)
    result = await box.call("read_property", {"things": ["new_bulb", "front_door"]}, caller(GUEST))
    assert result.needs is None
    assert result.data["front_door"]["readings"]["locked"]["value"] is True
