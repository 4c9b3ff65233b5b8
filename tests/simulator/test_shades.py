from __future__ import annotations

import base64
import json
from typing import Any

import aiohttp
import anyio
import pytest

from claw.simulator import Fault, ManualClock, SimulatedHouse

CLOSED = 69


async def shade(house: SimulatedHouse, web: aiohttp.ClientSession, number: int = CLOSED) -> Any:
    async with web.get(f"{house.devices['shades'].url}/home/shades/{number}") as answer:
        return await answer.json()


async def move(house: SimulatedHouse, web: aiohttp.ClientSession, positions: object, number: int = CLOSED) -> int:
    url = f"{house.devices['shades'].url}/home/shades/positions?ids={number}"
    async with web.put(url, json={"positions": positions}) as answer:
        return answer.status


async def test_the_gateway_says_who_it_is(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    url = house.devices["shades"].url
    async with web.get(f"{url}/gateway") as answer:
        config = (await answer.json())["config"]
    assert config["networkStatus"]["ipAddress"] == house.devices["shades"].address
    async with web.get(f"{url}/home") as answer:
        home = await answer.json()
    assert home["gateways"][0]["serial"] == config["serialNumber"]
    async with web.get(f"{url}/home/shades") as answer:
        shades = await answer.json()
    assert sorted(home["shadeIds"]) == sorted(entry["id"] for entry in shades)
    assert {base64.b64decode(entry["name"]).decode() for entry in shades} == {
        "Living room shade",
        "Bedroom shade",
        "Office shade",
    }


async def test_a_shade_takes_its_time(house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock) -> None:
    assert (await shade(house, web))["positions"]["primary"] == 0
    assert await move(house, web, {"primary": 0.5}) == 200
    clock.advance(2)
    halfway = await shade(house, web)
    assert halfway["positions"]["primary"] == 0.25
    assert halfway["motion"] == "opening"
    truth = house.truth()["shades"][str(CLOSED)]  # type: ignore[index,call-overload]
    assert truth == {"name": "Bedroom shade", "open": 0.25, "moving": True}
    clock.advance(10)
    arrived = await shade(house, web)
    assert (arrived["positions"]["primary"], arrived["motion"]) == (0.5, None)


async def test_a_shade_stops_where_it_is(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    await move(house, web, {"primary": 1})
    clock.advance(4)
    async with web.put(f"{house.devices['shades'].url}/home/shades/stop?ids={CLOSED}"):
        clock.advance(60)
    assert (await shade(house, web))["positions"]["primary"] == 0.5


@pytest.mark.parametrize("positions", [{"primary": 1.1}, {"primary": -0.1}, {"primary": True}, {}, None, {"rail": 1}])
async def test_nonsense_is_refused(house: SimulatedHouse, web: aiohttp.ClientSession, positions: object) -> None:
    assert await move(house, web, positions) == 400
    assert await move(house, web, {"primary": 1}, number=1) == 404


async def test_mute_and_new_firmware(house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock) -> None:
    await house.faults.set("shades", Fault(mute=True))
    assert await move(house, web, {"primary": 1}) == 200
    clock.advance(60)
    assert (await shade(house, web))["positions"]["primary"] == 0
    await house.faults.set("shades", Fault(new_firmware=True))
    assert await move(house, web, {"primary": 1}) == 400
    assert await move(house, web, {"rail": 1}) == 200
    clock.advance(60)
    assert (await shade(house, web))["positions"]["rail"] == 1


@pytest.mark.parametrize(("query", "prefix"), [("", "data: "), ("?sse=false", "")])
async def test_events_tell_start_and_stop(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock, query: str, prefix: str
) -> None:
    with anyio.fail_after(5):
        async with web.get(f"{house.devices['shades'].url}/home/shades/events{query}") as stream:

            async def event() -> Any:
                while not (line := (await stream.content.readline()).decode()).strip():
                    pass
                return json.loads(line.removeprefix(prefix))

            await move(house, web, {"primary": 1})
            started = await event()
            assert (started["evt"], started["id"]) == ("motion-started", CLOSED)
            assert started["targetPositions"]["primary"] == 1
            await anyio.wait_all_tasks_blocked()
            clock.advance(8)
            stopped = await event()
            assert stopped["evt"] == "motion-stopped"
            assert stopped["currentPositions"]["primary"] == 1
