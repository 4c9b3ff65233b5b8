"""Reading, acting, finding, undoing and explaining."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from claw.errors import InvalidValue, NotFound
from claw.model.affordance import Risk
from claw.model.announcement import Announcement, Via
from claw.model.context import Context
from claw.model.device import Device
from claw.model.found import Found
from claw.model.level import Level
from claw.tools.invoke_action import UNSEEN
from claw.tools.toolbox import Caller, Toolbox, ToolResult
from tests.tools.rooms import OWNER, Rooms, caller, small_house

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "tools.md"


@pytest.fixture
def rooms() -> Rooms:
    return small_house()


async def call(rooms: Rooms, tool: str, *, confirmed: bool = False, **arguments: object) -> ToolResult:
    return await Toolbox(rooms.desk()).call(tool, arguments, caller(confirmed=confirmed))


def test_every_tool_and_argument_is_documented(rooms: Rooms) -> None:
    text = REFERENCE.read_text("utf-8")
    for name, spec in Toolbox(rooms.desk()).specs.items():
        assert f"## `{name}`" in text
        section = text.split(f"## `{name}`", 1)[1].split("\n## ", 1)[0]
        assert spec.risk.name.lower() in section
        for argument in spec.schema.get("properties", {}):
            assert f"`{argument}`" in section, f"{name}: {argument}"


async def test_a_young_reading_spares_the_device(rooms: Rooms) -> None:
    rooms.values["floor_lamp"]["brightness"] = 99
    cached = await call(rooms, "read_property", things=["floor_lamp"], property="brightness", max_age=60.0)
    assert cached.data["floor_lamp"]["readings"]["brightness"]["value"] == 50
    fresh = await call(rooms, "read_property", things=["floor_lamp"], property="brightness")
    assert fresh.data["floor_lamp"]["readings"]["brightness"]["value"] == 99


async def test_an_offline_thing_gives_its_last_reading_and_the_reason(rooms: Rooms) -> None:
    rooms.leave("floor_lamp")
    result = await call(rooms, "read_property", things=["floor_lamp", "sink_lamp"], property=["on_off"])
    gone, there = result.data["floor_lamp"], result.data["sink_lamp"]
    assert "does not answer" in gone["error"]
    assert gone["readings"]["on_off"]["value"] is True
    assert there["error"] == ""


async def test_reading_names_that_only_some_have(rooms: Rooms) -> None:
    result = await call(rooms, "read_property", things=["front_door", "garage_door"], property=["locked", "open"])
    assert set(result.data["front_door"]["readings"]) == {"locked"}
    assert set(result.data["garage_door"]["readings"]) == {"open"}


async def test_an_action_is_seen_or_said_to_be_unseen(rooms: Rooms) -> None:
    (paused,) = (await call(rooms, "invoke_action", things=["sonos_one"], action="pause")).effects
    assert (paused.new, paused.verified) == ("paused", True)
    (skipped,) = (await call(rooms, "invoke_action", things=["sonos_one"], action="next")).effects
    assert (skipped.verified, skipped.problem) == (False, UNSEEN)


def device(title: str, host: str, maker: str = "") -> Device:
    heard = Announcement(Via.SSDP, "urn:x:device:ZonePlayer:1", title, (host,), 1400)
    return Device(f"d_{title}", title, frozenset(), (host,), (heard,), manufacturer=maker)


async def test_finding_by_maker_name_or_kind(rooms: Rooms) -> None:
    rooms.network = [
        Found(device("Den", "192.0.2.7", "Sonos, Inc."), (rooms.things["sonos_one"],)),
        Found(device("Printer", "192.0.2.8"), needs="nothing I know"),
    ]
    result = await call(rooms, "find_devices", name="my sonos".removeprefix("my "), seconds=0.1)
    (found,) = result.data["found"]
    assert (found["title"], found["host"], result.data["others"]) == ("Sonos One", "192.0.2.7", 1)
    assert found["things"][0]["level"] == 6
    assert len((await call(rooms, "find_devices", name="zoneplayer")).data["found"]) == 2
    assert (await call(rooms, "find_devices", name="hue")).data == {"found": [], "others": 2}


async def test_undo_puts_back_the_last_order_whole(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["floor_lamp", "bedside_lamp"], property="on_off", value=False)
    result = await call(rooms, "undo")
    assert {(e.thing, e.new) for e in result.effects} == {("floor_lamp", True), ("bedside_lamp", True)}


async def test_undo_goes_back_step_by_step(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["floor_lamp"], property="brightness", value=10)
    await call(rooms, "set_property", things=["floor_lamp"], property="brightness", value=20)
    await call(rooms, "undo")
    assert rooms.values["floor_lamp"]["brightness"] == 10
    await call(rooms, "undo")
    assert rooms.values["floor_lamp"]["brightness"] == 50
    with pytest.raises(NotFound):
        await call(rooms, "undo")


async def test_undoing_a_lock_is_unlocking(rooms: Rooms) -> None:
    rooms.values["front_door"]["locked"] = False
    await call(rooms, "set_property", things=["front_door"], property="locked", value=True)
    asked = await call(rooms, "undo")
    assert asked.needs is Risk.SECURE
    assert asked.data["writes"] == [{"thing": "front_door", "property": "locked", "value": False}]
    assert rooms.values["front_door"]["locked"] is True
    with pytest.raises(InvalidValue, match="very order"):
        await call(rooms, "undo", confirmed=True)
    assert (await call(rooms, "undo", confirmed=True, order=asked.data["order"])).effects[0].new is False


async def test_whether_a_set_point_goes_up_is_read_from_the_device(rooms: Rooms) -> None:
    rooms.values["pool"]["target_temperature"] = 20.0  # turned down in its own app; the last reading says 27
    arguments = {"things": ["pool"], "property": "target_temperature"}
    assert (await call(rooms, "set_property", **arguments, value=26)).needs is Risk.SECURE
    assert (await call(rooms, "set_property", **arguments, value=1, relative=True)).needs is Risk.SECURE
    assert (await call(rooms, "set_property", **arguments, value=-1, relative=True)).effects[0].new == 19
    rooms.leave("pool")
    assert (await call(rooms, "set_property", **arguments, value=10)).needs is Risk.SECURE


async def test_a_thing_stored_before_a_rule_was_made_keeps_to_it(rooms: Rooms) -> None:
    pool = rooms.things["pool"]
    old = {name: replace(p, risk=Risk.COMFORT, safe_direction="") for name, p in pool.properties.items()}
    rooms.things["pool"] = replace(pool, properties=old)
    up = await call(rooms, "set_property", things=["pool"], property="target_temperature", value=30)
    on = await call(rooms, "set_property", things=["pool"], property="on_off", value=True)
    assert (up.needs, on.needs) == (Risk.SECURE, Risk.SECURE)


async def test_a_confirmed_undo_is_of_the_order_it_was_asked_for(rooms: Rooms) -> None:
    rooms.values["front_door"]["locked"] = False
    await call(rooms, "set_property", things=["front_door"], property="locked", value=True)
    asked = await call(rooms, "undo")
    await call(rooms, "set_property", things=["garage_door"], property="open", value=False)
    rooms.sent.clear()
    for _ in range(2):  # not even a lamp's order is another's
        with pytest.raises(InvalidValue, match="Something else happened since; say undo again"):
            await call(rooms, "undo", confirmed=True, order=asked.data["order"])
        await call(rooms, "set_property", things=["floor_lamp"], property="on_off", value=False)
        rooms.sent.clear()
    assert rooms.sent == []


async def test_undo_reports_what_no_longer_answers(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["floor_lamp", "sink_lamp"], property="on_off", value=False)
    rooms.leave("floor_lamp")
    effects = {e.thing: e for e in (await call(rooms, "undo")).effects}
    assert not effects["floor_lamp"].verified
    assert effects["sink_lamp"].verified


async def test_undo_leaves_what_is_older_than_a_day(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    await call(rooms, "set_property", things=["floor_lamp"], property="on_off", value=False)
    later = time.time() + 25 * 3600
    monkeypatch.setattr("claw.tools.undo.time.time", lambda: later)
    with pytest.raises(NotFound):
        await call(rooms, "undo")


async def test_why_names_the_last_change_and_its_origin(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["floor_lamp"], property="on_off", value=False)
    (change,) = (await call(rooms, "why", things=["floor_lamp"])).data
    assert (change["origin"], change["property"], change["new"]) == ("text:Anna", "on_off", False)
    assert (await call(rooms, "why", things=["sink_lamp"])).data == []
    assert len((await call(rooms, "why")).data) == 1


async def test_an_order_that_changed_nothing_is_not_passed_over(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["floor_lamp"], property="brightness", value=10)
    await call(rooms, "set_property", things=["sink_lamp"], property="on_off", value=True)  # it was on
    with pytest.raises(NotFound):
        await call(rooms, "undo")
    assert rooms.values["floor_lamp"]["brightness"] == 10


async def test_what_proving_a_device_did_is_no_order(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["floor_lamp"], property="brightness", value=10)
    proving = Caller(OWNER, Context.new("adopt:Anna"))
    arguments = {"things": ["sink_lamp"], "property": "on_off", "value": False}
    await Toolbox(rooms.desk()).call("set_property", arguments, proving)
    (effect,) = (await call(rooms, "undo")).effects
    assert (effect.thing, effect.new) == ("floor_lamp", 50)


async def test_undo_dims_before_it_turns_off(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["kitchen_light"], property="brightness", value=90)
    rooms.sent.clear()
    await call(rooms, "undo")
    assert rooms.sent == [("kitchen_light", "brightness", 40), ("kitchen_light", "on_off", False)]


async def test_undo_of_what_is_no_longer_proved_asks(rooms: Rooms) -> None:
    await call(rooms, "set_property", things=["kitchen_light"], property="on_off", value=True)
    rooms.things["kitchen_light"] = replace(rooms.things["kitchen_light"], level=Level.LIVE_READ)
    waiting = await call(rooms, "undo")
    assert waiting.unproved == ("kitchen_light",)


async def test_a_reading_from_the_future_is_asked_again(rooms: Rooms) -> None:
    rooms.add("Front door", "lock", locked=True)
    rooms.record("front_door", "locked", value=True, at=time.time() + 7200)  # the clock was set back since
    rooms.values["front_door"]["locked"] = False
    result = await call(rooms, "read_property", things=["front_door"], property="locked", max_age=60.0)
    answer = result.data["front_door"]["readings"]["locked"]  # type: ignore[index,call-overload]
    assert answer["value"] is False  # type: ignore[index,call-overload]
