from __future__ import annotations

import json
from typing import Any

import aiohttp
import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.simulator import Fault, ManualClock, SimulatedHouse
from claw.simulator.control import control
from claw.simulator.hue import color
from claw.simulator.hue.bridge import HueBridge

USER = {"devicetype": "test#client"}


def bridge(house: SimulatedHouse) -> HueBridge:
    device = house.devices["hue"]
    assert isinstance(device, HueBridge)
    return device


async def enter(house: SimulatedHouse, web: aiohttp.ClientSession) -> str:
    async with web.post(f"{bridge(house).url}/api", json=USER) as answer:
        return str((await answer.json())[0]["success"]["username"])


def secure(house: SimulatedHouse) -> str:
    return f"https://{bridge(house).address}:{bridge(house).ports['https']}"


async def get(web: aiohttp.ClientSession, url: str, **more: Any) -> Any:
    async with web.get(url, **more) as answer:
        return await answer.json()


async def put(web: aiohttp.ClientSession, url: str, body: object, **more: Any) -> Any:
    async with web.put(url, json=body, **more) as answer:
        return await answer.json()


async def test_the_link_button_counts_for_thirty_seconds(web: aiohttp.ClientSession, clock: ManualClock) -> None:
    async with SimulatedHouse(clock=clock, only=["hue"]) as house:
        url = f"{house.devices['hue'].url}/api"

        async def ask() -> Any:
            async with web.post(url, json=USER) as answer:
                return (await answer.json())[0]

        assert (await ask())["error"]["type"] == 101
        house.press("hue")
        clock.advance(29)
        assert (await ask())["success"]["username"]
        clock.advance(2)
        assert (await ask())["error"]["type"] == 101


async def test_strangers_get_the_short_config_and_nothing_else(
    house: SimulatedHouse, web: aiohttp.ClientSession
) -> None:
    url = bridge(house).url
    config = await get(web, f"{url}/api/config")
    assert config["bridgeid"] == bridge(house).bridge_id
    assert "whitelist" not in config
    assert (await get(web, f"{url}/api/nobody/lights"))[0]["error"]["type"] == 1
    async with web.get(f"{secure(house)}/clip/v2/resource") as answer:
        assert answer.status == 403


async def test_both_apis_and_the_truth_agree(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    user = await enter(house, web)
    key = {"hue-application-key": user}
    # the first API is served on the secure port as well
    state = f"{secure(house)}/api/{user}/lights/2/state"
    answer = await put(web, state, {"on": True, "bri": 127, "xy": [0.3, 0.3]})
    assert {"success": {"/lights/2/state/bri": 127}} in answer
    clock.advance(1)
    lights = (await get(web, f"{secure(house)}/clip/v2/resource/light", headers=key))["data"]
    light = next(light for light in lights if light["id_v1"] == "/lights/2")
    assert light["on"] == {"on": True}
    assert light["dimming"]["brightness"] == 50.0
    assert light["color"]["xy"] == {"x": 0.3, "y": 0.3}
    lamp = house.truth()["hue"]["lamps"]["2"]  # type: ignore[index,call-overload]
    assert lamp["lit"] is True  # type: ignore[index,call-overload]
    assert lamp["light"] == 0.5  # type: ignore[index,call-overload]

    url = f"{secure(house)}/clip/v2/resource/light/{light['id']}"
    assert (await put(web, url, {"on": {"on": False}}, headers=key))["errors"] == []
    assert (await get(web, f"{bridge(house).url}/api/{user}/lights/2"))["state"]["on"] is False


async def test_light_fades_while_the_api_is_already_there(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    user = await enter(house, web)
    await put(web, f"{bridge(house).url}/api/{user}/lights/6/state", {"on": True})
    lamp = bridge(house).lamps[5]
    assert lamp.light() == 0
    clock.advance(0.2)
    assert lamp.light() == pytest.approx(0.5)
    clock.advance(0.2)
    assert lamp.light() == 1


@pytest.mark.parametrize(
    ("number", "body", "kind"),
    [
        ("1", {"bri": 10}, 201),  # off
        ("1", {"on": True, "hue": 10}, 6),  # white only
        ("4", {"on": True, "bri": 10}, 6),  # a plug
        ("2", {"on": True, "bri": 255}, 7),
        ("2", {"on": 1}, 7),
        ("2", {"on": True, "xy": [2, 0]}, 7),
    ],
)
async def test_what_a_lamp_cannot_do_is_an_error(
    house: SimulatedHouse, web: aiohttp.ClientSession, number: str, body: object, kind: int
) -> None:
    user = await enter(house, web)
    answer = await put(web, f"{bridge(house).url}/api/{user}/lights/{number}/state", body)
    assert [entry["error"]["type"] for entry in answer if "error" in entry] == [kind]


@pytest.mark.parametrize(
    ("number", "body"),
    [
        (1, {"color": {"xy": {"x": 0.3, "y": 0.3}}}),
        (4, {"dimming": {"brightness": 10}}),
        (2, {"dimming": {"brightness": 101}}),
        (2, {"on": True}),
        (2, {"color_temperature": {"mirek": 10}}),
    ],
)
async def test_the_second_api_refuses_with_a_reason(
    house: SimulatedHouse, web: aiohttp.ClientSession, number: int, body: object
) -> None:
    user = await enter(house, web)
    before = bridge(house).lamps[number - 1].truth()
    url = f"{secure(house)}/clip/v2/resource/light/{bridge(house).v2.rid('light', str(number))}"
    async with web.put(url, json=body, headers={"hue-application-key": user}) as answer:
        assert answer.status == 400
        assert (await answer.json())["errors"][0]["description"]
    assert bridge(house).lamps[number - 1].truth() == before


async def test_a_room_is_switched_together(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    user = await enter(house, web)
    key = {"hue-application-key": user}
    url = f"{secure(house)}/clip/v2/resource"
    room = next(room for room in (await get(web, f"{url}/room", headers=key))["data"])
    group = next(service["rid"] for service in room["services"] if service["rtype"] == "grouped_light")
    await put(web, f"{url}/grouped_light/{group}", {"on": {"on": True}, "dimming": {"brightness": 20}}, headers=key)
    assert [lamp.on for lamp in bridge(house).lamps] == [True, True, False, False, False, False]
    await put(web, f"{bridge(house).url}/api/{user}/groups/0/action", {"on": False})
    assert not any(lamp.on for lamp in bridge(house).lamps)


async def test_the_event_stream_tells_of_changes_made_through_either_api(
    house: SimulatedHouse, web: aiohttp.ClientSession
) -> None:
    user = await enter(house, web)
    headers = {"hue-application-key": user, "Accept": "text/event-stream"}
    with anyio.fail_after(5):
        async with web.get(f"{secure(house)}/eventstream/clip/v2", headers=headers) as stream:
            assert await stream.content.readline() == b": hi\n"
            await put(web, f"{bridge(house).url}/api/{user}/lights/3/state", {"on": True})
            async for line in stream.content:
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])[0]
                    assert event["type"] == "update"
                    assert event["data"][0]["id_v1"] == "/lights/3"
                    assert event["data"][0]["on"] == {"on": True}
                    return


async def test_new_firmware_renames_brightness(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    user = await enter(house, web)
    before = await get(web, f"{bridge(house).url}/api/{user}/config")
    await house.faults.set("hue", Fault(new_firmware=True))
    after = await get(web, f"{bridge(house).url}/api/{user}/config")
    assert after["swversion"] != before["swversion"]
    answer = await put(web, f"{bridge(house).url}/api/{user}/lights/1/state", {"on": True, "bri": 10})
    assert any(entry.get("error", {}).get("type") == 6 for entry in answer)
    state = (await get(web, f"{bridge(house).url}/api/{user}/lights/1"))["state"]
    assert "bri" not in state
    assert state["level"] == 254


@given(st.floats(0, 0.999), st.floats(0.2, 0.95))
def test_colour_survives_the_way_to_xy_and_back(hue: float, saturation: float) -> None:
    back_hue, back_saturation = color.hue_of(*color.xy_of(hue, saturation))
    assert min(abs(back_hue - hue), 1 - abs(back_hue - hue)) < 0.02
    assert back_saturation == pytest.approx(saturation, abs=0.06)


@given(st.integers(153, 500))
def test_warm_white_is_redder_than_cold(mirek: int) -> None:
    x, y = color.xy_of_mirek(mirek)
    assert 0.2 < x < 0.6
    assert 0.2 < y < 0.5
    if mirek < 500:
        assert color.xy_of_mirek(mirek + 1)[0] >= x


async def test_an_unplugged_lamp_is_dark_and_both_apis_say_that_it_cannot_be_reached(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    user = await enter(house, web)
    key = {"hue-application-key": user}
    url = f"{bridge(house).url}/api/{user}/lights/5"
    await put(web, f"{url}/state", {"on": True})
    clock.advance(1)
    lamp = bridge(house).lamps[4]
    events = f"{secure(house)}/eventstream/clip/v2"
    async with control(house) as where, web.get(events, headers=key) as stream:
        assert await stream.content.readline() == b": hi\n"
        assert await put(web, f"{where}/mains/hue/bedroom%20lamp", {"on": False}) == {"on": False}
        with anyio.fail_after(5):
            while not (line := await stream.content.readline()).startswith(b"data: "):
                pass
        (told,) = json.loads(line[6:])[0]["data"]
        assert (told["type"], told["id_v1"]) == ("zigbee_connectivity", "/lights/5")
        assert told["status"] == "connectivity_issue"
        assert lamp.truth()["powered"] is False
        assert lamp.light() == 0
        state = (await get(web, url))["state"]
        assert (state["on"], state["reachable"]) == (True, False), "it answers for the lamp"
        await put(web, f"{where}/mains/hue/5", {"on": True})
        clock.advance(1)
        assert lamp.light() > 0
        assert (await get(web, url))["state"]["reachable"] is True
        for path, body, status in (("hue/9", {"on": True}, 404), ("pool/1", {"on": True}, 404), ("hue/5", [1], 422)):
            async with web.put(f"{where}/mains/{path}", json=body) as answer:
                assert answer.status == status, await answer.text()
