from __future__ import annotations

import json
import signal
import socket
import sys
import time

import aiohttp
import anyio
import pytest

from claw.errors import InvalidValue, NotFound, SettingsError
from claw.simulator import NAMES, ManualClock, SimulatedHouse, control


async def test_it_is_up_in_time(clock: ManualClock) -> None:
    started = time.monotonic()
    async with SimulatedHouse(clock=clock) as house:
        assert time.monotonic() - started < 1.5
        assert tuple(house.devices) == NAMES


async def test_two_houses_live_side_by_side(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    async with SimulatedHouse() as other:
        for name in NAMES:
            ours, theirs = house.devices[name], other.devices[name]
            assert ours.address != theirs.address
            assert ours.mac != theirs.mac
        async with web.get(f"{other.devices['aquarium'].url}/set?ch=1&lvl=5"):
            pass
        assert other.truth()["aquarium"] != house.truth()["aquarium"]
    async with web.get(f"{house.devices['hue'].url}/api/config") as answer:
        assert answer.status == 200  # ours outlives the other


async def test_addresses_do_not_depend_on_who_else_lives_there() -> None:
    async with SimulatedHouse(only=["plug"]) as small:
        assert tuple(small.devices) == ("plug",)
        base, address = small.devices["plug"].ground.block.base, small.devices["plug"].address
    async with SimulatedHouse(address_base=base) as whole:
        assert whole.devices["plug"].address == address


async def test_a_left_house_leaves_nothing_open() -> None:
    async with SimulatedHouse() as house:
        places = [(device.address, port) for device in house.devices.values() for port in device.ports.values()]
        folder = house.devices["hue"].ground.folder
    assert not folder.exists()
    for place in places:
        with socket.socket() as probe:
            # strangers on the loopback may have left connections in TIME_WAIT; a listener would still be in the way
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(place)


async def test_wrong_names_are_refused(house: SimulatedHouse) -> None:
    with pytest.raises(InvalidValue, match="toaster"):
        SimulatedHouse(only=["toaster"])
    with pytest.raises(NotFound, match="no button"):
        house.press("plug")


async def test_the_control_endpoint_shows_and_directs(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    async with control(house) as url:
        async with web.get(f"{url}/truth") as answer:
            assert (await answer.json())["scene"]["truck"] == "away"
        async with web.post(f"{url}/scene", json={"truck": "arrive", "hour": 22}) as answer:
            assert (await answer.json())["truck"] == "moving"
        async with web.put(f"{url}/faults/plug", json={"mute": True}) as answer:
            assert (await answer.json())["mute"] is True
        async with web.get(f"{url}/faults") as answer:
            assert {name for name, fault in (await answer.json()).items() if fault["mute"]} == {"plug"}
        async with web.delete(f"{url}/faults/plug") as answer:
            assert (await answer.json())["mute"] is False
        async with web.get(f"{url}/devices") as answer:
            assert (await answer.json()).keys() == set(NAMES)
        async with web.post(f"{url}/press/hue") as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/faults/toaster", "{}", 404),
        ("PUT", "/faults/plug", '{"mtue": true}', 422),
        ("PUT", "/faults/plug", "{", 422),
        ("POST", "/scene", '{"truck": 7}', 422),
        ("POST", "/press/plug", "", 404),
    ],
)
async def test_the_control_endpoint_says_what_is_wrong(
    house: SimulatedHouse, web: aiohttp.ClientSession, *, method: str, path: str, body: str, status: int
) -> None:
    async with control(house) as url, web.request(method, f"{url}{path}", data=body) as answer:
        assert answer.status == status
        assert (await answer.json())["detail"]


async def test_it_runs_on_its_own_and_ends_when_told(web: aiohttp.ClientSession) -> None:
    command = [sys.executable, "-m", "claw.simulator", "--json", "--only", "plug", "--only", "hue"]
    with anyio.fail_after(20):
        async with await anyio.open_process(command, stderr=None) as process:
            assert process.stdout is not None
            line = b""
            while not line.endswith(b"\n"):
                line += await process.stdout.receive()
            ready = json.loads(line)
            plug = ready["devices"]["plug"]
            async with web.get(f"http://{plug['address']}:{plug['ports']['http']}/shelly") as answer:
                assert (await answer.json())["id"] == plug["id"]
            async with web.get(f"{ready['control']}/truth") as answer:
                assert (await answer.json())["plug"]["on"] is True
            process.send_signal(signal.SIGTERM)
            assert await process.wait() == 0


async def test_what_its_guests_raise_comes_out_as_it_was() -> None:
    with pytest.raises(KeyError, match="mine"):
        async with SimulatedHouse(only=["plug"]):
            raise KeyError("mine")


async def test_being_cancelled_leaves_nothing_open() -> None:
    house = SimulatedHouse(only=["plug"])
    with anyio.CancelScope() as scope:
        async with house:
            plug = house.devices["plug"]
            place = (plug.address, plug.ports["http"])
            scope.cancel()
            await anyio.sleep_forever()
    with pytest.raises(OSError, match="onnect"):
        await anyio.connect_tcp(*place)


async def test_a_device_that_cannot_start_says_why_and_the_rest_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "claw.simulator.hap_accessory", None)  # as when HAP-python is not installed
    house = SimulatedHouse(only=["plug", "thermostat"])
    with pytest.raises(SettingsError, match=r"claw\[demo\]"):
        async with house:
            pytest.fail("the house opened without its thermostat")
    plug = house.devices["plug"]
    with pytest.raises(OSError, match="onnect"):
        await anyio.connect_tcp(plug.address, plug.ports.get("http", 1))


async def test_it_ends_with_whoever_started_it() -> None:
    command = [sys.executable, "-m", "claw.simulator", "--json", "--only", "plug", "--tied"]
    with anyio.fail_after(20):
        async with await anyio.open_process(command, stderr=None) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            await process.stdout.receive()
            await process.stdin.aclose()
            assert await process.wait() == 0


async def test_a_taken_block_is_one_line_on_stderr(house: SimulatedHouse) -> None:
    base = house.devices["hue"].ground.block.base
    with anyio.fail_after(20):
        done = await anyio.run_process([sys.executable, "-m", "claw.simulator", "--address-base", base], check=False)
    assert done.returncode == 1
    assert done.stdout == b""
    assert done.stderr.decode().count("\n") == 1
    assert base in done.stderr.decode()
