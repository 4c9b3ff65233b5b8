"""What the LAN hears, through python-zeroconf and async-upnp-client."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import anyio
import pytest
from async_upnp_client.advertisement import SsdpAdvertisementListener
from async_upnp_client.search import async_search
from zeroconf import ServiceStateChange
from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

from claw.simulator import NAMES, Fault, SimulatedHouse

LOOPBACK = ("127.0.0.1", 0)
KINDS = {
    "hue": "_hue._tcp",
    "sonos-kitchen": "_sonos._tcp",
    "sonos-living-room": "_sonos._tcp",
    "thermostat": "_hap._tcp",
    "shades": "_PowerView-G3._tcp",
    "plug": "_shelly._tcp",
    "camera-street": "_http._tcp",
    "camera-driveway": "_http._tcp",
    "aquarium": "_http._tcp",
}


class Lan:
    """What is announced at the moment, by address."""

    def __init__(self) -> None:
        self.zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
        self.changed = anyio.Event()
        self.names: set[tuple[str, str]] = set()

    def heard(self, service_type: str, name: str, state_change: ServiceStateChange, **_: object) -> None:
        if state_change is ServiceStateChange.Removed:
            self.names.discard((service_type, name))
        else:
            self.names.add((service_type, name))
        self.changed.set()
        self.changed = anyio.Event()

    async def services(self) -> dict[tuple[str, str], AsyncServiceInfo]:
        """By address and kind."""
        found = {}
        for kind, name in tuple(self.names):
            info = AsyncServiceInfo(kind, name)
            if await info.async_request(self.zeroconf.zeroconf, 1000) and info.parsed_addresses():
                found[info.parsed_addresses()[0], kind.removesuffix(".local.")] = info
        return found


@asynccontextmanager
async def listening() -> AsyncIterator[Lan]:
    lan = Lan()
    kinds = [f"{kind}.local." for kind in sorted(set(KINDS.values()))]
    browser = AsyncServiceBrowser(lan.zeroconf.zeroconf, kinds, handlers=[lan.heard])
    try:
        yield lan
    finally:
        await browser.async_cancel()
        await lan.zeroconf.async_close()


async def test_every_device_is_found_by_mdns_where_it_is(house: SimulatedHouse) -> None:
    wanted = {(house.devices[name].address, kind) for name, kind in KINDS.items()}
    async with listening() as lan:
        with anyio.fail_after(20):
            while not wanted <= (services := await lan.services()).keys():
                await lan.changed.wait()
    hue = services[house.devices["hue"].address, "_hue._tcp"]
    assert hue.port == house.devices["hue"].ports["https"]
    assert hue.decoded_properties["modelid"] == "BSB002"
    assert services[house.devices["plug"].address, "_shelly._tcp"].decoded_properties["gen"] == "2"
    assert services[house.devices["thermostat"].address, "_hap._tcp"].decoded_properties["sf"] == "1"


@pytest.mark.parametrize("name", ["hue", "plug", "shades", "thermostat"])
async def test_offline_says_goodbye_and_a_new_address_is_told(house: SimulatedHouse, name: str) -> None:
    device, kind = house.devices[name], KINDS[name]
    old = device.address
    async with listening() as lan:
        with anyio.fail_after(20):
            while (old, kind) not in (services := await lan.services()):
                await lan.changed.wait()
            instance = (f"{kind}.local.", services[old, kind].name)
            await house.faults.set(name, Fault(offline=True))
            while instance in lan.names:
                await lan.changed.wait()
            await house.faults.set(name, Fault(wrong_address=True))
            while instance not in lan.names:
                await lan.changed.wait()
            services = await lan.services()
    assert device.address != old
    assert (device.address, kind) in services
    assert (old, kind) not in services


async def search(target: str, locations: set[str]) -> dict[str, Mapping[str, str]]:
    """Answers by location, once all of `locations` have answered."""
    found: dict[str, Mapping[str, str]] = {}

    async def heard(headers: Mapping[str, str]) -> None:
        found[headers["location"]] = headers

    with anyio.fail_after(10):
        while not locations <= found.keys():
            await async_search(heard, timeout=1, search_target=target, source=LOOPBACK)
    return found


async def test_upnp_devices_answer_a_search(house: SimulatedHouse) -> None:
    players = {
        f"{house.devices[name].url}/xml/device_description.xml" for name in ("sonos-kitchen", "sonos-living-room")
    }
    answers = await search("urn:schemas-upnp-org:device:ZonePlayer:1", players)
    assert all("Sonos/" in answer["server"] for answer in answers.values())
    pool = f"{house.devices['pool'].url}/upnp.xml"
    await search("urn:schemas-tagyoureit-org:device:PoolController:1", {pool})
    bridge = f"{house.devices['hue'].url}/description.xml"
    everyone = await search("ssdp:all", players | {pool, bridge})
    assert everyone[bridge]["hue-bridgeid"] == house.describe()["hue"]["bridge_id"]  # type: ignore[index,call-overload]


async def test_upnp_devices_tell_of_their_coming_and_going(house: SimulatedHouse) -> None:
    location = f"{house.devices['pool'].url}/upnp.xml"
    alive, gone = anyio.Event(), anyio.Event()
    uuid = house.devices["pool"].upnp().uuid  # type: ignore[union-attr]

    def on_alive(headers: Mapping[str, str]) -> None:
        if headers["location"] == location:
            alive.set()

    def on_gone(headers: Mapping[str, str]) -> None:
        if uuid in headers["usn"]:
            gone.set()

    listener = SsdpAdvertisementListener(on_alive=on_alive, on_byebye=on_gone, source=LOOPBACK)
    await listener.async_start()
    try:
        with anyio.fail_after(5):
            await house.faults.set("pool", Fault(offline=True))
            await gone.wait()
            await house.faults.clear("pool")
            await alive.wait()
    finally:
        await listener.async_stop()


async def test_every_device_is_announced_somehow(house: SimulatedHouse) -> None:
    assert set(NAMES) - KINDS.keys() == {"pool"}  # SSDP only, as the real one
    assert house.devices["pool"].upnp() is not None
