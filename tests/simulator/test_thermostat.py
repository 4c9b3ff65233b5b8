"""The thermostat against aiohomekit."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import anyio
import pytest
from aiohomekit import Controller
from aiohomekit.exceptions import AuthenticationError
from aiohomekit.model.characteristics import CharacteristicsTypes
from zeroconf.asyncio import AsyncServiceBrowser, AsyncZeroconf

from claw.simulator import Fault, ManualClock, SimulatedHouse
from claw.simulator.thermostat import SETUP_CODE, Thermostat


@pytest.fixture
async def home(clock: ManualClock) -> AsyncIterator[SimulatedHouse]:
    async with SimulatedHouse(clock=clock, only=["thermostat"]) as house:
        yield house


@pytest.fixture
async def controller() -> AsyncIterator[Controller]:
    zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
    browser = AsyncServiceBrowser(
        zeroconf.zeroconf, ["_hap._tcp.local.", "_hap._udp.local."], handlers=[lambda **_: None]
    )
    controller = Controller(async_zeroconf_instance=zeroconf)
    try:
        async with controller:
            yield controller
    finally:
        await browser.async_cancel()
        await zeroconf.async_close()


def thermostat(house: SimulatedHouse) -> Thermostat:
    device = house.devices["thermostat"]
    assert isinstance(device, Thermostat)
    return device


def hap_id(house: SimulatedHouse) -> str:
    mac = house.devices["thermostat"].mac
    return ":".join(mac[i : i + 2] for i in range(0, 12, 2))


async def set_up(found: Any) -> Any:
    """HAP-python drops leading zero bytes in its proof, so that one right code in a hundred is refused."""
    for _ in range(4):
        with contextlib.suppress(AuthenticationError):
            return await (await found.async_start_pairing("test"))(SETUP_CODE)
    pytest.fail("the right set-up code was refused four times")


async def pair(controller: Controller, house: SimulatedHouse) -> tuple[Any, dict[str, int]]:
    with anyio.fail_after(20):
        found = await controller.async_find(hap_id(house), timeout=10)
        assert found.description.addresses == [house.devices["thermostat"].address]
        first = await set_up(found)
        pairing = controller.load_pairing("test", dict(first.pairing_data))
        await first.shutdown()
        await controller.async_find(hap_id(house), timeout=10)
        accessories = await pairing.list_accessories_and_characteristics()
    chars = [char for service in accessories[0]["services"] for char in service["characteristics"]]
    return pairing, {char["type"]: char["iid"] for char in chars}


async def read(pairing: Any, iid: int) -> Any:
    with anyio.fail_after(15):
        return (await pairing.get_characteristics([(1, iid)]))[1, iid]["value"]


async def test_it_pairs_drifts_and_follows_its_set_point(
    home: SimulatedHouse, controller: Controller, clock: ManualClock
) -> None:
    pairing, iids = await pair(controller, home)
    assert home.truth()["thermostat"]["paired"] is True  # type: ignore[index,call-overload]
    target, current = iids[CharacteristicsTypes.TEMPERATURE_TARGET], iids[CharacteristicsTypes.TEMPERATURE_CURRENT]
    heating = iids[CharacteristicsTypes.HEATING_COOLING_CURRENT]
    await pairing.put_characteristics([(1, target, 22.0)])
    assert await read(pairing, target) == 22.0
    assert await read(pairing, heating) == 1
    before = await read(pairing, current)
    clock.advance(30)
    assert before < await read(pairing, current) < 22.0
    clock.advance(600)
    assert await read(pairing, current) == 22.0
    assert await read(pairing, heating) == 0
    await pairing.put_characteristics([(1, iids[CharacteristicsTypes.HEATING_COOLING_TARGET], 0)])
    clock.advance(3600)
    assert await read(pairing, current) < 21.0
    assert await read(pairing, current) == round(float(home.truth()["thermostat"]["temperature"]), 1)  # type: ignore[index,call-overload,arg-type]


async def test_subscribers_are_told_as_it_warms(
    home: SimulatedHouse, controller: Controller, clock: ManualClock
) -> None:
    pairing, iids = await pair(controller, home)
    current = iids[CharacteristicsTypes.TEMPERATURE_CURRENT]
    told = anyio.Event()
    pairing.dispatcher_connect(lambda event: told.set() if event.get((1, current)) else None)
    await pairing.subscribe([(1, current)])
    with anyio.fail_after(10):
        # whoever listens is looked after every two seconds of the house's clock
        while not told.is_set():
            clock.advance(2)
            await read(pairing, current)
    assert await read(pairing, current) > 19.0


async def test_a_wrong_code_is_refused(home: SimulatedHouse, controller: Controller) -> None:
    with anyio.fail_after(15):
        found = await controller.async_find(hap_id(home), timeout=10)
        finish = await found.async_start_pairing("test")
        with pytest.raises(AuthenticationError):
            await finish("111-22-333")
    assert home.truth()["thermostat"]["paired"] is False  # type: ignore[index,call-overload]
    await pair(controller, home)  # and the right one still works
    assert home.truth()["thermostat"]["paired"] is True  # type: ignore[index,call-overload]


async def test_a_mute_one_acknowledges_and_does_not_obey(home: SimulatedHouse, controller: Controller) -> None:
    pairing, iids = await pair(controller, home)
    await home.faults.set("thermostat", Fault(mute=True))
    target = iids[CharacteristicsTypes.TEMPERATURE_TARGET]
    await pairing.put_characteristics([(1, target, 25.0)])
    assert await read(pairing, target) == 20.0


async def test_it_keeps_its_pairing_when_it_moves_and_when_its_firmware_changes(
    home: SimulatedHouse, controller: Controller
) -> None:
    pairing, iids = await pair(controller, home)
    old = home.devices["thermostat"].address
    await home.faults.set("thermostat", Fault(wrong_address=True))
    assert home.devices["thermostat"].address != old
    assert await read(pairing, iids[CharacteristicsTypes.TEMPERATURE_TARGET]) == 20.0

    await home.faults.set("thermostat", Fault(new_firmware=True))
    with anyio.fail_after(15):
        accessories = await pairing.list_accessories_and_characteristics()
    chars = [char for service in accessories[0]["services"] for char in service["characteristics"]]
    moved = {char["type"]: char["iid"] for char in chars}
    assert moved[CharacteristicsTypes.TEMPERATURE_TARGET] != iids[CharacteristicsTypes.TEMPERATURE_TARGET]
    assert await read(pairing, moved[CharacteristicsTypes.TEMPERATURE_TARGET]) == 20.0


@pytest.mark.parametrize("fault", [Fault(garbage=True), Fault(offline=True)])
async def test_trouble_on_the_wire_is_real(home: SimulatedHouse, fault: Fault) -> None:
    device = home.devices["thermostat"]

    async def ask() -> bytes:
        async with await anyio.connect_tcp(device.address, device.ports["hap"]) as stream:
            await stream.send(b"GET /accessories HTTP/1.1\r\nHost: x\r\n\r\n")
            return await stream.receive()

    with anyio.fail_after(5):
        assert (await ask()).startswith(b"HTTP/1.1 ")
        await home.faults.set("thermostat", fault)
        if fault.offline:
            with pytest.raises(OSError, match="onnect"):
                await ask()
        else:
            assert not (await ask()).startswith(b"HTTP")
        await home.faults.clear("thermostat")
        assert (await ask()).startswith(b"HTTP/1.1 ")
