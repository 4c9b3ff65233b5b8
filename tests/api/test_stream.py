from __future__ import annotations

import aiohttp
import anyio

from claw.model.context import Context
from claw.model.principal import Role
from tests.support.living import Living


def auth(home: Living) -> dict[str, str]:
    return {"Authorization": f"Bearer {home.token}"}


async def test_hello_then_every_change(home: Living) -> None:
    thing = await home.adopt()
    async with home.client.ws_connect(home.url + "/api/v1/stream", headers=auth(home)) as socket:
        with anyio.fail_after(5):
            hello = await socket.receive_json()
            assert hello["type"] == "hello"
            assert [t["id"] for t in hello["things"]] == [thing]
            await home.call("PUT", f"/api/v1/things/{thing}/properties/on_off", {"value": True})
            while (message := await socket.receive_json())["type"] != "reading" or message["property"] != "on_off":
                pass
    assert message["thing"] == thing
    assert message["value"] is True
    assert message["revision"] > hello["revision"]


async def test_a_new_thing_and_its_removal_are_told(home: Living) -> None:
    async with home.client.ws_connect(home.url + "/api/v1/stream", headers=auth(home)) as socket:
        with anyio.fail_after(5):
            assert (await socket.receive_json())["things"] == []
            thing = await home.adopt()
            while (message := await socket.receive_json())["type"] != "thing":
                pass
            assert message["thing"]["id"] == thing
            await home.house.registry.remove_thing(thing, Context.new("test"))
            while (message := await socket.receive_json())["type"] != "removed":
                pass
            assert message["thing"] == thing


async def test_a_browser_sends_its_token_first(home: Living) -> None:
    async with home.client.ws_connect(home.url + "/api/v1/stream") as socket:
        await socket.send_json({"token": home.token})
        with anyio.fail_after(5):
            assert (await socket.receive_json())["type"] == "hello"


async def test_strangers_are_shown_the_door_with_a_reason(home: Living) -> None:
    for first in ({"token": "wrong"}, ["token"], "}{"):
        async with home.client.ws_connect(home.url + "/api/v1/stream") as socket:
            await (socket.send_str(first) if isinstance(first, str) else socket.send_json(first))
            with anyio.fail_after(5):
                message = await socket.receive()
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert message.data == 1008
            assert "token" in str(message.extra)


async def test_one_who_leaves_without_a_word_is_forgotten(home: Living) -> None:
    thing = await home.adopt()
    socket = await home.client.ws_connect(home.url + "/api/v1/stream", headers=auth(home))
    await socket.receive_json()
    await socket.close()
    status, effect = await home.call("PUT", f"/api/v1/things/{thing}/properties/on_off", {"value": True})
    assert (status, effect["verified"]) == (200, True)


async def test_bytes_and_nonsense_hurt_nobody(home: Living) -> None:
    async with home.client.ws_connect(home.url + "/api/v1/stream") as socket:
        await socket.send_bytes(b"\x00\xff")
        with anyio.fail_after(5):
            assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE
    thing = await home.adopt()
    async with home.client.ws_connect(home.url + "/api/v1/stream", headers=auth(home)) as socket:
        await socket.send_bytes(b"\x00\xff")
        await socket.send_str("hello?")
        with anyio.fail_after(5):
            assert (await socket.receive_json())["type"] == "hello"
            await home.call("PUT", f"/api/v1/things/{thing}/properties/on_off", {"value": True})
            assert (await socket.receive_json())["type"] == "reading"


async def test_a_revoked_token_ends_its_stream(home: Living) -> None:
    thing = await home.adopt()
    token = await home.house.store.tokens.create("temp", Role.GUEST)
    async with home.client.ws_connect(home.url + "/api/v1/stream") as socket:
        await socket.send_json({"token": token})
        with anyio.fail_after(5):
            assert (await socket.receive_json())["type"] == "hello"
            await home.house.store.tokens.revoke("temp")
            await home.call("PUT", f"/api/v1/things/{thing}/properties/on_off", {"value": True})
            message = await socket.receive()
    assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1008)
