"""A key follows a device only to where the device has said, without the key, who it is."""

from __future__ import annotations

import logging
from typing import Any

import anyio
import pytest

from claw.devices.consumed import ConsumedThing
from claw.model.events import DeviceMoved
from tests.devices.conftest import TEST, Room
from tests.devices.lamp import Lamp, document, plugged_in

KEY = "OWNERS-KEY"


async def locked(room: Room, lamp: Lamp) -> ConsumedThing:
    properties: Any = document()["properties"]
    for each in properties.values():
        for form in each["forms"]:
            form["href"] = "/api/{key}/state"
    credential: Any = {"in": "uri", "name": "key", "ask": "Press the button."}
    changes: dict[str, Any] = {"properties": properties, "claw:credential": credential}
    thing = await room.hang(lamp, **changes)
    await room.store.secrets.put(f"http:{thing.thing.device_id}", KEY)
    await thing.read(context=TEST)
    assert f"GET /api/{KEY}/state" in lamp.requests
    return thing


@pytest.mark.parametrize("mac", ["3c6105a1b2c3", "3c6105ffffff"])
async def test_a_stranger_who_takes_the_name_gets_no_key(
    room: Room, lamp: Lamp, mac: str, caplog: pytest.LogCaptureFixture
) -> None:
    thing = await locked(room, lamp)
    async with plugged_in(Lamp(mac), "127.0.0.2") as stranger, anyio.create_task_group() as group:
        asked = anyio.Event()
        stranger.fault = lambda _request: asked.set()
        with caplog.at_level(logging.WARNING, "claw.devices.moves"):
            await group.start(room.registry.moves.run, room.registry.meet)
            await room.registry.meet(stranger.announcement(fields={"mac": lamp.mac}), TEST)
            await thing.read(context=TEST)
            with anyio.fail_after(5):
                await asked.wait()
                while not caplog.messages:
                    await anyio.lowlevel.checkpoint()
        await thing.read(context=TEST)
        assert not [request for request in stranger.requests if KEY in request]
        assert len(caplog.messages) == 1
        assert "127.0.0.2" in caplog.messages[0]
        group.cancel_scope.cancel()


async def test_a_device_that_moved_is_followed_with_its_key(room: Room) -> None:
    async with plugged_in(Lamp()) as old:
        thing = await locked(room, old)
    async with plugged_in(Lamp(), "127.0.0.2") as new, anyio.create_task_group() as group:
        await group.start(room.registry.moves.run, room.registry.meet)
        with room.bus.subscribe(DeviceMoved) as events, anyio.fail_after(5):
            await room.registry.meet(new.announcement(), TEST)
            assert (await events.next()).host == "127.0.0.2"
        assert set(new.requests) == {"GET /info"}
        await thing.read(context=TEST)
        assert f"GET /api/{KEY}/state" in new.requests
        group.cancel_scope.cancel()
