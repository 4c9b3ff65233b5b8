"""Reads and writes of a consumed thing against a lamp on a real socket."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claw.devices.effects import SUPERSEDED
from claw.errors import CodecError, DeviceGarbage, DeviceOffline, DeviceRefused, InvalidValue, NotFound, NotProven
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.events import CommandDone, OnlineChanged, ReadingChanged
from claw.model.level import Level
from claw.model.reading import Moment, Source
from tests.devices.conftest import TEST, Room, furnished
from tests.devices.lamp import Lamp, plugged_in


async def test_one_exchange_brings_every_property_of_its_answer(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    readings = await thing.read(context=TEST)
    assert {name: reading.value for name, reading in readings.items()} == {"on_off": False, "brightness": 20}
    assert lamp.requests == ["GET /state"]
    assert {reading.source for reading in readings.values()} == {Source.READ}
    assert room.state.get(thing.id, "brightness") == readings["brightness"]


async def test_what_cannot_be_decoded_does_not_spoil_the_rest(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    lamp.state["bri"] = "plenty"
    assert set(await thing.read(context=TEST)) == {"on_off"}
    with pytest.raises(CodecError, match="Brightness came back as 'plenty'"):
        await thing.read("brightness", context=TEST)


async def test_a_write_is_verified_by_what_the_lamp_says(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    with room.bus.subscribe(CommandDone) as done, room.bus.subscribe(ReadingChanged) as changes:
        effect = await thing.write("brightness", 70, TEST)
        assert (effect.old, effect.new, effect.asked, effect.verified, effect.problem) == (20, 70, 70, True, "")
        assert effect.title == "Hall lamp"
        assert 0 < effect.ms < 5000
        assert (await done.next()).effect == effect
        seen = [await changes.next() for _ in range(3)]
    assert [(event.property, event.reading.source) for event in seen][-1] == ("brightness", Source.READ_BACK)
    assert all(event.context == TEST for event in seen)
    assert lamp.requests == ["GET /state", "PUT /state", "GET /state"]
    journal = await room.store.changes.recent(5)
    assert [(change.effect.asked, change.context.id) for change in journal] == [(70, TEST.id)]


async def test_a_known_old_value_is_not_read_again(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await thing.read(context=TEST)
    await thing.write("on_off", value=True, context=TEST)
    assert lamp.requests == ["GET /state", "PUT /state", "GET /state"]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("brightness", 140, "Brightness goes from 0 to 100 percent; 140 is outside."),
        ("brightness", "70", "Brightness is a number in percent; '70' is not."),
        ("brightness", True, "Brightness is a number in percent; True is not."),
        ("brightness", float("nan"), "Brightness is a number in percent; nan is not."),
        ("on_off", 1, "On is true or false; 1 is neither."),
    ],
)
async def test_a_wrong_value_never_reaches_the_wire(
    room: Room, lamp: Lamp, name: str, value: Any, sentence: str
) -> None:
    thing = await room.hang(lamp)
    with pytest.raises(InvalidValue) as caught:
        await thing.write(name, value, TEST)
    assert str(caught.value) == sentence
    assert lamp.requests == []


async def test_unknown_names_are_answered_with_those_there_are(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    with pytest.raises(NotFound, match=r"no property 'volume'; it has: on_off, brightness"):
        await thing.write("volume", 1, TEST)
    with pytest.raises(NotFound, match=r"no property 'volume'"):
        await thing.read("volume", context=TEST)
    with pytest.raises(NotFound, match=r"no action 'explode'"):
        await thing.invoke("explode", {}, TEST)
    with pytest.raises(NotFound):
        room.things.get("nothing")


async def test_below_level_5_only_a_confirmed_order_is_sent(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp, level=Level.LIVE_READ)
    with pytest.raises(NotProven, match=r"level 4 of 5"):
        await thing.write("on_off", value=True, context=TEST)
    assert lamp.requests == []
    assert (await thing.read("on_off", context=TEST))["on_off"].value is False
    effect = await thing.write("on_off", value=True, context=TEST, confirmed=True)
    assert effect.verified


async def test_acknowledged_but_not_done(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await room.narrow(thing, "brightness", settle=0.1)
    lamp.accept = lambda _key, _value: None
    effect = await thing.write("brightness", 70, TEST)
    assert (effect.new, effect.verified, effect.settling) == (20, False, False)
    assert effect.problem == "Hall lamp took the order, but its brightness is still 20 percent."


async def test_a_snapped_value_is_reported_as_it_is(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await room.narrow(thing, "brightness", settle=0.1)
    lamp.accept = lambda _key, _value: 100
    effect = await thing.write("brightness", 70, TEST)
    assert (effect.new, effect.asked, effect.verified) == (100, 70, False)
    assert effect.problem == "Hall lamp was asked for brightness 70 percent, but reports 100 percent."


async def test_within_tolerance_is_done(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    lamp.accept = lambda _key, value: value - 0.8
    effect = await thing.write("brightness", 70, TEST)
    assert effect.verified
    assert effect.new == pytest.approx(69.2)


async def test_a_value_that_moves_is_waited_for(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await room.narrow(thing, "brightness", settle=10.0)
    goal: list[int] = []

    def accept(_key: str, value: Any) -> None:
        goal.append(value)

    def step(request: web.Request) -> None:
        if goal and request.method == "GET":
            lamp.state["bri"] = min(goal[0], lamp.state["bri"] + 20)

    lamp.accept, lamp.fault = accept, step
    effect = await thing.write("brightness", 100, TEST)
    assert (effect.verified, effect.new, effect.old) == (True, 100, 20)


async def test_out_of_time_on_the_way_is_settling(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await room.narrow(thing, "brightness", settle=0.2)
    goal: list[int] = []

    def accept(_key: str, value: Any) -> None:
        goal.append(value)

    def step(request: web.Request) -> None:
        if goal and request.method == "GET":
            lamp.state["bri"] += 1

    lamp.accept, lamp.fault = accept, step
    effect = await thing.write("brightness", 100, TEST)
    assert effect.settling
    assert not effect.verified
    assert 20 < float(effect.new) < 100  # type: ignore[arg-type]
    assert "still on its way" in effect.problem


async def test_a_lost_answer_disproves_nothing(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await thing.read(context=TEST)

    async def close_after_doing(request: web.Request) -> None:
        if request.method == "PUT":
            lamp.state.update(await request.json())
            assert request.transport is not None
            request.transport.abort()

    lamp.fault = close_after_doing
    effect = await thing.write("on_off", value=True, context=TEST)
    assert (effect.new, effect.verified, effect.problem) == (True, True, "")


async def test_a_refusal_says_why_and_what_is(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await thing.read(context=TEST)
    lamp.fault = lambda request: web.Response(status=500, text="no") if request.method == "PUT" else None
    effect = await thing.write("on_off", value=True, context=TEST)
    assert (effect.new, effect.verified) == (False, False)
    assert "500" in effect.problem


async def test_an_answer_that_is_garbage(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    lamp.fault = lambda _request: web.Response(text="{not json", content_type="application/json")
    with pytest.raises(DeviceGarbage):
        await thing.read(context=TEST)
    assert thing.thing.online


async def test_a_lamp_that_refuses_to_tell_may_still_be_told(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await room.narrow(thing, "on_off", settle=0.1)
    lamp.fault = lambda request: web.Response(status=500) if request.method == "GET" else None
    with pytest.raises(DeviceRefused):
        await thing.read(context=TEST)
    effect = await thing.write("on_off", value=True, context=TEST)
    assert lamp.state["on"] is True
    assert (effect.new, effect.verified) == (None, False)
    assert "could not be read back" in effect.problem


async def test_an_offline_lamp_is_said_to_be_offline_at_once(room: Room) -> None:
    async with plugged_in(Lamp()) as lamp:
        thing = await room.hang(lamp)
        await thing.read(context=TEST)
    with room.bus.subscribe(OnlineChanged) as events:
        effect = await thing.write("on_off", value=True, context=TEST)
        event = await events.next()
    assert effect.problem == "Hall lamp does not answer at 127.0.0.1; check its power."
    assert (effect.new, effect.verified, effect.old) == (None, False, False)
    assert (event.online, event.reason) == (False, effect.problem)
    assert not room.registry.things[thing.id].online
    with pytest.raises(DeviceOffline, match=r"Hall lamp does not answer"):
        await thing.read(context=TEST)


async def test_offline_during_the_read_back(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await thing.read(context=TEST)
    async with plugged_in(Lamp()) as moved:  # the same lamp, about to be unplugged
        await room.registry.meet(moved.announcement(), TEST)
        closing = anyio.Event()

        async def unplug(request: web.Request) -> None:
            if request.method == "PUT":
                closing.set()

        moved.fault = unplug
        async with anyio.create_task_group() as group:
            result: list[Effect] = []

            async def write() -> None:
                result.append(await thing.write("on_off", value=True, context=TEST))

            moved.accept = lambda _key, _value: None
            await room.narrow(thing, "on_off", settle=30.0)
            group.start_soon(write)
            await closing.wait()
            await room.registry.meet(moved.announcement(port=1), TEST)
    assert result[0].problem == "Hall lamp does not answer at 127.0.0.1; check its power."
    assert not result[0].verified


async def test_a_lamp_that_never_answers(tmp_path: Any, lamp: Lamp) -> None:
    async with furnished(tmp_path, patience=0.1) as room:
        thing = await room.hang(lamp)
        await thing.read(context=TEST)
        never = anyio.Event()
        lamp.fault = lambda _request: never.wait()
        with anyio.fail_after(5):
            effect = await thing.write("on_off", value=True, context=TEST)
        assert not effect.verified
        assert "in time" in effect.problem or "answer" in effect.problem
        assert thing.thing.online


async def test_a_moved_lamp_is_followed(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await thing.read(context=TEST)
    async with plugged_in(Lamp(), "127.0.0.2") as moved:
        await room.registry.meet(moved.announcement(), TEST)
        effect = await thing.write("on_off", value=True, context=TEST)
        assert effect.verified
        assert moved.state["on"] is True
        assert lamp.state["on"] is False


async def test_no_more_than_two_exchanges_at_once(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    await thing.read(context=TEST)
    lamp.delay = 0.02
    async with anyio.create_task_group() as group:
        for number in range(6):
            group.start_soon(thing.write, "on_off", number % 2 == 0, TEST)
            group.start_soon(thing.write, "brightness", number * 10, TEST)
    assert lamp.most_busy == 2


async def test_the_last_of_several_writes_wins(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    effects: dict[int, Effect] = {}

    async def write(value: int) -> None:
        effects[value] = await thing.write("brightness", value, Context.new(f"test:{value}"))

    async with anyio.create_task_group() as group:
        for value in (30, 40, 50, 60):
            group.start_soon(write, value)
    assert lamp.state["bri"] == 60
    assert effects[60].verified
    assert [(effects[v].problem, effects[v].asked, effects[v].new) for v in (30, 40, 50)] == [
        (SUPERSEDED, 30, 60),
        (SUPERSEDED, 40, 60),
        (SUPERSEDED, 50, 60),
    ]
    assert lamp.requests.count("PUT /state") <= 2


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders=st.lists(st.tuples(st.integers(0, 100), st.integers(0, 6), st.integers(0, 3)), min_size=1, max_size=10))
async def test_law_the_device_ends_with_the_last_accepted_value(
    tmp_path_factory: pytest.TempPathFactory, orders: list[tuple[int, int, int]]
) -> None:
    async with furnished(tmp_path_factory.mktemp("law")) as room, plugged_in(Lamp()) as lamp:
        thing = await room.hang(lamp)
        effects: list[Effect] = []

        async def write(value: int) -> None:
            effects.append(await thing.write("brightness", value, TEST))

        async with anyio.create_task_group() as group:
            for value, pause, slow in orders:
                lamp.delay = slow / 1000
                group.start_soon(write, value)
                for _ in range(pause):
                    await anyio.lowlevel.checkpoint()
        last = orders[-1][0]
        assert lamp.state["bri"] == last
        assert len(effects) == len(orders)
        assert all(effect.problem in ("", SUPERSEDED) for effect in effects)
        assert any(effect.verified and effect.asked == last for effect in effects)


async def test_a_push_during_the_wait_is_a_read_back(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp, pushed=True)
    await thing.read(context=TEST)
    told = anyio.Event()
    lamp.accept = lambda _key, _value: None

    def stale(request: web.Request) -> web.Response | None:
        if request.method == "GET":
            told.set()
            return web.json_response({"on": False, "bri": 20})
        return None

    lamp.fault = stale
    await room.narrow(thing, "on_off", settle=30.0)
    result: list[Effect] = []

    async def write() -> None:
        result.append(await thing.write("on_off", value=True, context=TEST))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(write)
            await told.wait()
            await thing.absorb(("on_off",), {"on": True}, Moment.now(), Source.PUSH, TEST)
    assert (result[0].verified, result[0].new) == (True, True)
