from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from claw.simulator import Fault, ManualClock, SimulatedHouse


async def put(house: SimulatedHouse, web: aiohttp.ClientSession, path: str, body: object) -> int:
    async with web.put(f"{house.devices['pool'].url}{path}", json=body) as answer:
        return answer.status


async def state(house: SimulatedHouse, web: aiohttp.ClientSession, section: str = "all") -> Any:
    async with web.get(f"{house.devices['pool'].url}/state/{section}") as answer:
        return await answer.json()


def truth(house: SimulatedHouse) -> Any:
    return house.truth()["pool"]


async def test_off_is_a_missing_key(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    lamp = next(entry for entry in (await state(house, web))["circuits"] if entry["id"] == 2)
    assert "isOn" not in lamp
    assert await put(house, web, "/state/circuit/setState", {"id": 2, "state": True}) == 200
    lamp = next(entry for entry in await state(house, web, "circuits") if entry["id"] == 2)
    assert lamp["isOn"] is True
    assert truth(house)["circuits"]["Pool Light"] is True
    assert await put(house, web, "/state/circuit/toggleState", {"id": 2}) == 200
    assert truth(house)["circuits"]["Pool Light"] is False


async def test_water_warms_slowly_and_only_while_the_pump_runs(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    assert await put(house, web, "/state/body/setPoint", {"id": 1, "setPoint": 84}) == 200
    assert await put(house, web, "/state/body/heatMode", {"id": 1, "mode": 1}) == 200
    start = truth(house)["bodies"]["Pool"]["temperature"]
    clock.advance(60)
    assert 0 < truth(house)["bodies"]["Pool"]["temperature"] - start < 0.1
    clock.advance(3600)
    warm = truth(house)["bodies"]["Pool"]["temperature"]
    assert warm == pytest.approx(start + 2 * 3660 / 3600, abs=0.01)
    body = (await state(house, web, "temps"))["bodies"][0]
    assert body["temp"] == round(warm)  # the controller shows whole degrees
    assert body["heatStatus"]["name"] == "heater"
    await put(house, web, "/state/circuit/setState", {"id": 6, "state": False})
    assert truth(house)["bodies"]["Pool"]["heating"] is False
    assert "isOn" not in (await state(house, web, "bodies"))[0]


async def test_it_takes_a_dangerous_set_point_without_a_word(
    house: SimulatedHouse, web: aiohttp.ClientSession
) -> None:
    assert await put(house, web, "/state/body/setPoint", {"id": 2, "setPoint": 130}) == 200
    assert truth(house)["bodies"]["Spa"]["set_point"] == 130


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/state/circuit/setState", {"id": 99, "state": True}),
        ("/state/body/setPoint", {"id": 1}),
        ("/state/body/setPoint", {"id": 9, "setPoint": 80}),
        ("/state/body/heatMode", {"id": 1, "mode": 77}),
        ("/state/body/heatMode", [1]),
    ],
)
async def test_nonsense_is_refused(
    house: SimulatedHouse, web: aiohttp.ClientSession, path: str, body: object
) -> None:
    before = truth(house)
    assert await put(house, web, path, body) == 400
    assert truth(house) == before


async def test_mute_and_new_firmware(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    await house.faults.set("pool", Fault(mute=True))
    assert await put(house, web, "/state/circuit/setState", {"id": 2, "state": True}) == 200
    assert truth(house)["circuits"]["Pool Light"] is False
    await house.faults.set("pool", Fault(new_firmware=True))
    assert await put(house, web, "/state/body/setPoint", {"id": 1, "setPoint": 80}) == 404
    assert await put(house, web, "/state/body/heatSetpoint", {"id": 1, "setPoint": 80}) == 200
    assert "temp" not in (await state(house, web, "bodies"))[0]
