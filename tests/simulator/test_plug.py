"""The plug as an independent witness of the desk lamp."""

from __future__ import annotations

from typing import Any

import aiohttp
import anyio
import pytest

from claw.simulator import Fault, ManualClock, SimulatedHouse
from claw.simulator.hue.bridge import HueBridge
from claw.simulator.hue.lamp import Lamp


def desk(house: SimulatedHouse) -> Lamp:
    bridge = house.devices["hue"]
    assert isinstance(bridge, HueBridge)
    return bridge.lamps[-1]


async def rpc(house: SimulatedHouse, web: aiohttp.ClientSession, call: str) -> Any:
    async with web.get(f"{house.devices['plug'].url}/rpc/{call}") as answer:
        return await answer.json()


async def test_it_says_who_it_is(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    async with web.get(f"{house.devices['plug'].url}/shelly") as answer:
        info = await answer.json()
    assert (info["gen"], info["app"]) == (2, "PlusPlugS")
    assert info["mac"] == house.devices["plug"].mac.upper()
    assert await rpc(house, web, "Shelly.GetDeviceInfo") == info


async def test_power_follows_the_lamp_that_hue_dims(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    dark = (await rpc(house, web, "Switch.GetStatus?id=0"))["apower"]
    desk(house).switch(on=True)
    clock.advance(1)
    full = (await rpc(house, web, "Switch.GetStatus?id=0"))["apower"]
    desk(house).dim(127)
    clock.advance(1)
    half = (await rpc(house, web, "Switch.GetStatus?id=0"))["apower"]
    assert dark < 1 < half < full
    assert half - dark == pytest.approx((full - dark) / 2, abs=0.11)


async def test_energy_is_power_times_time(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    desk(house).switch(on=True)
    clock.advance(1)
    start = (await rpc(house, web, "Switch.GetStatus?id=0"))["aenergy"]["total"]
    clock.advance(3600)
    desk(house).switch(on=False)
    clock.advance(0.4)
    status = await rpc(house, web, "Switch.GetStatus?id=0")
    assert status["aenergy"]["total"] - start == pytest.approx(9.4, abs=0.01)


async def test_pulling_the_plug_darkens_the_lamp_and_hue_cannot_reach_it(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    desk(house).switch(on=True)
    clock.advance(1)
    assert await rpc(house, web, "Switch.Set?id=0&on=false") == {"was_on": True}
    assert desk(house).light() == 0
    assert (await rpc(house, web, "Switch.GetStatus?id=0"))["apower"] == 0
    async with web.post(f"{house.devices['hue'].url}/api", json={"devicetype": "t"}) as answer:
        user = (await answer.json())[0]["success"]["username"]
    async with web.get(f"{house.devices['hue'].url}/api/{user}/lights/6") as answer:
        assert (await answer.json())["state"]["reachable"] is False
    assert await rpc(house, web, "Switch.Toggle?id=0") == {"was_on": False}
    clock.advance(1)
    assert desk(house).light() == 1


async def test_rpc_by_post_and_by_websocket(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    url = f"{house.devices['plug'].url}/rpc"
    frame = {"id": 7, "src": "t", "method": "Switch.Set", "params": {"id": 0, "on": False}}
    with anyio.fail_after(5):
        async with web.ws_connect(url) as socket:
            async with web.post(url, json=frame) as answer:
                body = await answer.json()
            assert (body["id"], body["dst"], body["result"]) == (7, "t", {"was_on": True})
            told = await socket.receive_json()
            assert told["method"] == "NotifyStatus"
            assert told["params"]["switch:0"]["output"] is False
            await socket.send_json({"id": 8, "src": "t", "method": "Switch.GetStatus", "params": {"id": 0}})
            assert (await socket.receive_json())["result"]["output"] is False
            await socket.send_str("not json")
            assert (await socket.receive_json())["error"]["code"] == 404


@pytest.mark.parametrize(
    ("call", "code"), [("Switch.Set?id=0", -103), ("Switch.Set?id=1&on=true", -105), ("Cover.Open?id=0", 404)]
)
async def test_errors_have_codes(house: SimulatedHouse, web: aiohttp.ClientSession, call: str, code: int) -> None:
    assert (await rpc(house, web, call))["code"] == code


async def test_mute_and_new_firmware(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    await house.faults.set("plug", Fault(mute=True))
    assert await rpc(house, web, "Switch.Set?id=0&on=false") == {"was_on": True}
    assert (await rpc(house, web, "Switch.GetStatus?id=0"))["output"] is True
    await house.faults.set("plug", Fault(new_firmware=True))
    assert "output" not in await rpc(house, web, "Switch.GetStatus?id=0")
    assert (await rpc(house, web, "Switch.Set?id=0&on=false"))["code"] == -103
    assert await rpc(house, web, "Switch.Set?id=0&turn=false") == {"was_on": True}
