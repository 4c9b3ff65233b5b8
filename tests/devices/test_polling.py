"""Polling against real sockets, at a pace of milliseconds."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
from aiohttp import web

from claw.bus import Subscription
from claw.devices.pace import Pace
from claw.devices.polling import Polling
from claw.model.events import OnlineChanged, ReadingChanged
from claw.model.reading import Source
from tests.devices.conftest import TEST, Room
from tests.devices.lamp import Lamp, plugged_in

QUICK = Pace(fast=0.01, lively=0.2, slow=0.03, retry=0.01, longest=0.05, rate=1000, first=0.001)
SELDOM = Pace(slow=3600, pushed=3600, retry=0.01, longest=3600)


@asynccontextmanager
async def polled(room: Room, pace: Pace = QUICK, **more: Any) -> AsyncIterator[Polling]:
    polling = Polling(room.registry, room.things, room.bus, pace=pace, **more)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            await group.start(polling.run)
            yield polling
            group.cancel_scope.cancel()


async def value(events: Subscription[ReadingChanged], name: str, wanted: Any) -> ReadingChanged:
    async for event in events:
        if event.property == name and event.reading.value == wanted:
            return event
    raise AssertionError


async def test_a_change_by_hand_is_seen(room: Room, lamp: Lamp) -> None:
    await room.hang(lamp)
    with room.bus.subscribe(ReadingChanged) as events:
        async with polled(room):
            await value(events, "on_off", wanted=False)
            lamp.state["on"] = True
            seen = await value(events, "on_off", wanted=True)
    assert seen.reading.source is Source.POLL
    assert seen.context.origin == "poll"


async def test_one_request_serves_all_properties_of_all_things_on_it(room: Room, lamp: Lamp) -> None:
    for _ in range(3):
        await room.hang(lamp)
    with room.bus.subscribe(ReadingChanged) as events:
        async with polled(room, SELDOM) as polling:
            seen = [await events.next() for _ in range(6)]
            assert polling.polls == 1
    assert len({(event.thing, event.property) for event in seen}) == 6
    assert lamp.requests == ["GET /state"]


async def test_offline_is_said_after_two_failures_and_back_again_when_it_announces_itself(room: Room) -> None:
    lamp = Lamp()
    with room.bus.subscribe(OnlineChanged) as events, room.bus.subscribe(ReadingChanged) as readings:
        async with plugged_in(lamp):
            thing = await room.hang(lamp)
            async with polled(room) as polling:
                await value(readings, "on_off", wanted=False)
        async with polled(room, SELDOM) as polling:
            gone = await events.next()
            assert polling.polls == 2
            assert (gone.thing, gone.online) == (thing.id, False)
            assert gone.reason == "Hall lamp does not answer at 127.0.0.1; check its power."
            async with plugged_in(lamp):  # another port
                await room.registry.meet(lamp.announcement(), TEST)
                back = await events.next()
                assert (back.thing, back.online) == (thing.id, True)


async def test_a_goodbye_is_checked_and_a_lamp_that_answers_stays_online(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    with room.bus.subscribe(ReadingChanged) as events:
        async with polled(room, SELDOM):
            await value(events, "on_off", wanted=False)
            lamp.state["on"] = True
            await room.registry.meet(lamp.announcement(gone=True), TEST)
            await value(events, "on_off", wanted=True)  # it was looked at, at once
    assert thing.thing.online


async def test_a_command_quickens_the_pace(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    pace = Pace(fast=0.01, lively=5, slow=3600)
    with room.bus.subscribe(ReadingChanged) as events:
        async with polled(room, pace):
            await value(events, "on_off", wanted=False)
            await thing.write("on_off", value=True, context=TEST)
            lamp.state["bri"] = 55
            assert (await value(events, "brightness", 55)).reading.source is Source.POLL


async def test_what_is_pushed_is_polled_seldom(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    asked: list[tuple[str, str]] = []

    def pushed(id_: str, name: str) -> bool:
        asked.append((id_, name))
        return True

    with room.bus.subscribe(ReadingChanged) as events:
        async with polled(room, Pace(fast=0.01, slow=0.01, pushed=3600), pushed=pushed) as polling:
            await value(events, "on_off", wanted=False)
            await thing.write("on_off", value=True, context=TEST)
            lamp.state["bri"] = 1
            await room.registry.meet(lamp.announcement(gone=True), TEST)  # asks for a look at once
            await value(events, "brightness", 1)
            assert polling.polls <= 3
    assert set(asked) == {(thing.id, "on_off"), (thing.id, "brightness")}


async def test_a_lamp_that_is_ill_is_not_gone(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    answers = 0
    enough = anyio.Event()

    def ill(_request: web.Request) -> web.Response:
        nonlocal answers
        answers += 1
        if answers == 5:
            enough.set()
        return web.Response(status=500)

    lamp.fault = ill
    async with polled(room):
        await enough.wait()
    assert thing.thing.online


async def test_things_that_come_and_go_are_followed(room: Room, lamp: Lamp) -> None:
    with room.bus.subscribe(ReadingChanged) as events:
        async with polled(room) as polling:
            thing = await room.hang(lamp)
            assert (await events.next()).thing == thing.id
            await room.registry.remove_thing(thing.id, TEST)
            lamp.name = "Other lamp"
            other = await room.hang(lamp)
            while (await events.next()).thing != other.id:
                pass
            assert polling.polls >= 2
