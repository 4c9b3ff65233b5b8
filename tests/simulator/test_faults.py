"""Faults that every HTTP device shares."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

import aiohttp
import pytest

from claw.errors import NotFound
from claw.simulator import NAMES, Fault, SimulatedHouse
from claw.simulator.camera import SNAPSHOT

PATHS = {
    "hue": "/api/config",
    "sonos-kitchen": "/xml/device_description.xml",
    "sonos-living-room": "/xml/AVTransport1.xml",
    "shades": "/home/shades",
    "pool": "/state/all",
    "plug": "/shelly",
    "camera-street": SNAPSHOT,
    "camera-driveway": SNAPSHOT,
    "aquarium": "/",
}


@pytest.fixture(scope="module")
async def whole() -> AsyncIterator[SimulatedHouse]:
    async with SimulatedHouse() as house:
        yield house


@pytest.fixture
async def house(whole: SimulatedHouse) -> AsyncIterator[SimulatedHouse]:
    yield whole
    for name in whole.devices:
        await whole.faults.clear(name)


async def ask(web: aiohttp.ClientSession, house: SimulatedHouse, name: str) -> bytes:
    async with web.get(f"{house.devices[name].url}{PATHS[name]}") as answer:
        return await answer.read()


def test_all_but_the_homekit_device_are_here() -> None:
    assert set(NAMES) - PATHS.keys() == {"thermostat"}


@pytest.mark.parametrize("name", PATHS)
async def test_offline_refuses_and_comes_back_at_the_same_place(
    house: SimulatedHouse, web: aiohttp.ClientSession, name: str
) -> None:
    url = house.devices[name].url
    healthy = await ask(web, house, name)  # leaves a kept-alive connection behind
    await house.faults.set(name, Fault(offline=True))
    with pytest.raises(aiohttp.ClientConnectionError):
        await ask(web, house, name)
    await house.faults.clear(name)
    assert house.devices[name].url == url
    assert len(await ask(web, house, name)) == pytest.approx(len(healthy), rel=0.1)


@pytest.mark.parametrize("name", PATHS)
async def test_wrong_address_moves_the_device_and_nothing_else(
    house: SimulatedHouse, web: aiohttp.ClientSession, name: str
) -> None:
    old, ports, mac = house.devices[name].url, dict(house.devices[name].ports), house.devices[name].mac
    await house.faults.set(name, Fault(wrong_address=True))
    assert house.devices[name].url != old
    assert house.devices[name].ports == ports
    assert house.devices[name].mac == mac
    await ask(web, house, name)
    with pytest.raises(aiohttp.ClientConnectionError):
        await web.get(f"{old}{PATHS[name]}")


@pytest.mark.parametrize("name", PATHS)
async def test_garbage_is_no_protocol(house: SimulatedHouse, web: aiohttp.ClientSession, name: str) -> None:
    await house.faults.set(name, Fault(garbage=True))
    answer = await ask(web, house, name)
    with pytest.raises(ValueError, match=r".*"):
        answer.decode()


async def test_slow_is_slow(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    await house.faults.set("plug", Fault(slow=0.3))
    started = time.monotonic()
    await ask(web, house, "plug")
    assert time.monotonic() - started >= 0.3


async def test_an_unknown_device_is_named(house: SimulatedHouse) -> None:
    with pytest.raises(NotFound, match=r"toaster.*hue"):
        await house.faults.set("toaster", Fault())
