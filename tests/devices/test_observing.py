"""Subscriptions: server-sent events from a lamp on a real socket."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from aiohttp import web

from claw.devices.observing import Backoff, Observing
from claw.model.events import DeviceHeard, ReadingChanged
from claw.model.reading import Source
from tests.devices.conftest import TEST, Room
from tests.devices.lamp import Lamp, plugged_in
from tests.devices.test_polling import value


@asynccontextmanager
async def observed(room: Room) -> AsyncIterator[Observing]:
    observing = Observing(room.registry, room.things, room.bindings, room.bus, Backoff(0.01, 0.05))
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            await group.start(observing.run)
            yield observing
            group.cancel_scope.cancel()


async def test_a_push_becomes_a_reading(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp, pushed=True)
    with room.bus.subscribe(ReadingChanged) as events:
        async with observed(room) as observing:
            await lamp.followed.wait()
            assert not observing.pushes(thing.id, "on_off")
            await lamp.push(on=True)
            seen = await value(events, "on_off", wanted=True)
            assert observing.pushes(thing.id, "on_off")
            assert not observing.pushes(thing.id, "brightness")  # it has not told of that yet
            await lamp.push(bri="nonsense")
            await lamp.push(bri=44)
            await value(events, "brightness", 44)
    assert seen.reading.source is Source.PUSH
    assert seen.context.origin == "device"


async def test_a_stream_that_ends_is_opened_again(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp, pushed=True)
    with room.bus.subscribe(ReadingChanged) as events, room.bus.subscribe(DeviceHeard) as heard:
        async with observed(room) as observing:
            await lamp.followed.wait()
            await lamp.push(on=True)
            await value(events, "on_off", wanted=True)
            lamp.fault = lambda request: web.Response(status=500) if request.path == "/events" else None
            await lamp.hang_up()
            assert (await heard.next()).gone  # polling will look at once
            assert not observing.pushes(thing.id, "on_off")
            lamp.fault = None
            await lamp.followed.wait()
            await lamp.push(on=False)
            await value(events, "on_off", wanted=False)
            assert observing.pushes(thing.id, "on_off")


async def test_a_moved_lamp_is_followed(room: Room, lamp: Lamp) -> None:
    await room.hang(lamp, pushed=True)
    with room.bus.subscribe(ReadingChanged) as events:
        async with observed(room):
            await lamp.followed.wait()
            async with plugged_in(Lamp(), "127.0.0.2") as moved:
                await room.registry.meet(moved.announcement(), TEST)
                await moved.followed.wait()
                await moved.push(bri=77)
                await value(events, "brightness", 77)


async def test_a_thing_that_leaves_is_not_listened_to_any_more(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp, pushed=True)
    async with observed(room):
        await lamp.followed.wait()
        await room.registry.remove_thing(thing.id, TEST)
        while lamp.busy:
            await anyio.lowlevel.checkpoint()
    assert lamp.busy == 0


async def test_a_wire_that_cannot_push_is_left_to_polling(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)  # no observe forms at all
    async with observed(room) as observing:
        assert not observing.pushes(thing.id, "on_off")
    assert lamp.requests == []
