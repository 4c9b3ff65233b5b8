"""A lamp without mains behind a bridge that goes on answering for it: nothing that it says is believed."""

from __future__ import annotations

from typing import Any

import anyio
import pytest
from aiohttp import web

from claw.devices.consumed import ConsumedThing
from claw.devices.observing import Backoff, Observing
from claw.devices.pace import Pace
from claw.devices.polling import Polling
from claw.errors import DeviceOffline
from claw.model.events import OnlineChanged
from claw.model.reading import Source
from tests.devices.conftest import TEST, Room
from tests.devices.lamp import Lamp

DARK = "Hall lamp cannot be reached by its bridge; is it switched off at the wall?"
QUICK = Pace(fast=0.02, slow=0.02, pushed=0.02, retry=0.02, first=0.0)
SEEN = {"claw:select": "reachable"}
HERE, APART = {"href": "/state", **SEEN}, {"href": "/reach", **SEEN}
BOTH = pytest.mark.parametrize("online", [HERE, APART], ids=["in the same answer", "in its own"])


async def hang(room: Room, lamp: Lamp, online: Any, **changes: Any) -> ConsumedThing:
    return await room.hang(lamp, **{"claw:online": online, **changes})


@BOTH
async def test_a_write_that_the_bridge_only_remembers_is_not_verified(
    room: Room, lamp: Lamp, online: dict[str, str]
) -> None:
    thing = await hang(room, lamp, online)
    await thing.read(context=TEST)
    lamp.state["reachable"] = False
    with room.bus.subscribe(OnlineChanged) as news, anyio.fail_after(5):
        effect = await thing.write("on_off", value=True, context=TEST)
        assert lamp.state["on"] is True, "the bridge says that it is on"
        assert (effect.verified, effect.old, effect.new, effect.problem) == (False, False, False, DARK)
        event = await news.next()
    assert (event.thing, event.online, event.reason) == (thing.id, False, DARK)
    known = room.state.get(thing.id, "on_off")
    assert known is not None
    assert known.value is False, "what was last true stands"


@BOTH
async def test_back_at_its_mains_it_obeys_again(room: Room, lamp: Lamp, online: dict[str, str]) -> None:
    thing = await hang(room, lamp, online)
    lamp.state["reachable"] = False
    assert not (await thing.write("on_off", value=True, context=TEST)).verified
    with pytest.raises(DeviceOffline, match="switched off at the wall"):
        await thing.read("brightness", context=TEST)
    lamp.state["reachable"] = True
    effect = await thing.write("brightness", 50, TEST)
    assert (effect.verified, effect.new, effect.problem) == (True, 50, "")
    assert thing.thing.online
    assert (await thing.read("on_off", context=TEST))["on_off"].value is True


@BOTH
async def test_a_bridge_that_leaves_it_open_is_believed(room: Room, lamp: Lamp, online: dict[str, str]) -> None:
    thing = await hang(room, lamp, online)
    for said in (None, "maybe", True):
        lamp.state["reachable"] = said
        assert (await thing.write("brightness", 30 if said else 60, TEST)).verified
    assert thing.thing.online


async def test_the_same_answer_serves_both(room: Room, lamp: Lamp) -> None:
    thing = await hang(room, lamp, HERE)
    await thing.write("on_off", value=True, context=TEST)
    assert lamp.requests == ["GET /state", "PUT /state", "GET /state"]


async def test_its_own_answer_is_asked_for_once_after_the_write(room: Room, lamp: Lamp) -> None:
    thing = await hang(room, lamp, APART)
    await thing.write("on_off", value=True, context=TEST)
    assert lamp.requests == ["GET /state", "PUT /state", "GET /reach", "GET /state"]


@BOTH
async def test_polling_marks_it_offline_and_back(room: Room, lamp: Lamp, online: dict[str, str]) -> None:
    thing = await hang(room, lamp, online)
    polling = Polling(room.registry, room.things, room.bus, pace=QUICK)
    async with anyio.create_task_group() as group:
        await group.start(polling.run)
        with room.bus.subscribe(OnlineChanged) as news, anyio.fail_after(5):
            lamp.state["reachable"] = False
            assert not (await news.next()).online
            lamp.state |= {"bri": 99, "reachable": True}
            assert (await news.next()).online
            while (known := room.state.get(thing.id, "brightness")) is None or known.value != 99:
                await anyio.wait_all_tasks_blocked()
        group.cancel_scope.cancel()


async def test_a_push_marks_it_offline_and_back(room: Room, lamp: Lamp) -> None:
    online = {**APART, "observe": {"href": "/events", "subprotocol": "sse", "claw:select": "reachable"}}
    thing = await hang(room, lamp, online, pushed=True)
    observing = Observing(room.registry, room.things, room.bindings, room.bus, Backoff(first=0.05, longest=0.1))
    async with anyio.create_task_group() as group:
        await group.start(observing.run)
        with room.bus.subscribe(OnlineChanged) as news, anyio.fail_after(5):
            await lamp.followed.wait()
            await lamp.push(reachable=False)
            assert (await news.next()).online is False
            await lamp.push(on=True)
            await lamp.push(reachable=True)
            assert (await news.next()).online is True
        assert room.state.get(thing.id, "on_off") is None, "what the bridge said meanwhile was not taken"
        group.cancel_scope.cancel()


async def test_a_bridge_that_will_not_say_takes_nothing_away(room: Room, lamp: Lamp) -> None:
    thing = await hang(room, lamp, {"href": "/reach", **SEEN})
    lamp.fault = lambda request: web.Response(status=404) if request.path == "/reach" else None
    assert (await thing.write("on_off", value=True, context=TEST)).verified
    await thing.gone(TEST)
    await thing.absorb(("on_off",), {"on": True}, (await thing.ask(thing.wiring.reads()[0]))[1], Source.POLL, TEST)
    assert thing.thing.online
