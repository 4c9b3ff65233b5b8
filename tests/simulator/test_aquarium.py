from __future__ import annotations

import re
from typing import Any

import aiohttp
import pytest

from claw.simulator import Fault, SimulatedHouse

LAMP = "aquarium"


async def fetch(house: SimulatedHouse, web: aiohttp.ClientSession, path: str) -> tuple[int, str]:
    async with web.get(f"{house.devices[LAMP].url}{path}") as answer:
        return answer.status, await answer.text()


def truth(house: SimulatedHouse) -> Any:
    return house.truth()[LAMP]


async def status(house: SimulatedHouse, web: aiohttp.ClientSession, path: str = "/stat.json") -> Any:
    async with web.get(f"{house.devices[LAMP].url}{path}") as answer:
        return await answer.json()


async def test_its_pages_hold_what_is_needed_to_work_it_out(
    house: SimulatedHouse, web: aiohttp.ClientSession
) -> None:
    _, page = await fetch(house, web, "/")
    assert 'action="/set"' in page
    assert re.search(r'name="lvl" min="0" max="1023"', page)
    _, script = await fetch(house, web, "/tl.js")
    assert "/stat.json" in script
    assert "/set?ch=" in script


async def test_a_level_is_set_read_and_true(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    assert await fetch(house, web, "/set?ch=1&lvl=512") == (200, "OK")
    assert await fetch(house, web, "/set?ch=2&en=0") == (200, "OK")
    rows = (await status(house, web))["ch"]
    assert (rows[0]["lvl"], rows[1]["en"]) == (512, 0)
    assert truth(house)["channels"]["Daylight"] == {"level": 512, "shining": True}
    assert truth(house)["channels"]["Moonlight"]["shining"] is False


@pytest.mark.parametrize(
    "query", ["ch=1&lvl=1024", "ch=4&lvl=1", "ch=1", "ch=1&lvl=-1", "ch=1&lvl=x", "ch=1&en=2", ""]
)
async def test_nonsense_is_refused(house: SimulatedHouse, web: aiohttp.ClientSession, query: str) -> None:
    before = truth(house)
    code, text = await fetch(house, web, f"/set?{query}")
    assert code == 400
    assert text.startswith("ERR")
    assert truth(house) == before


async def test_reboots_and_resets_leave_a_trace(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    assert (truth(house)["reboots"], truth(house)["resets"]) == (0, 0)
    await fetch(house, web, "/reboot")
    await fetch(house, web, "/factory")
    assert (truth(house)["reboots"], truth(house)["resets"]) == (1, 1)


async def test_mute_and_new_firmware(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    await house.faults.set(LAMP, Fault(mute=True))
    assert await fetch(house, web, "/set?ch=1&lvl=1") == (200, "OK")
    assert truth(house)["channels"]["Daylight"]["level"] == 640
    await house.faults.set(LAMP, Fault(new_firmware=True))
    assert (await fetch(house, web, "/stat.json"))[0] == 404
    assert await fetch(house, web, "/v2/put?ch=1&pwm=9") == (200, "OK")
    assert (await status(house, web, "/v2/now.json"))["ch"][0]["pwm"] == 9
    assert "/v2/put" in (await fetch(house, web, "/tl.js"))[1]
    assert 'action="/v2/put"' in (await fetch(house, web, "/"))[1]
