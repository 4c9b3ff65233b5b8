"""The HAP binding against a bridge by HAP-python."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing
from typing import Any

import anyio
import pytest

from claw.errors import (
    CredentialMissing,
    DeviceOffline,
    DeviceRefused,
    NotSupported,
)
from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json
from claw.protocols.hap import Hap
from claw.protocols.hap_link import CONNECT_TIMEOUT
from tests.protocols.hap_zoo import CODE, Vault, Zoo, layout, zoo

pytestmark = pytest.mark.real

ON, BRIGHTNESS, HUE, SATURATION = "25", "8", "13", "2F"
POSITION, TARGET_POSITION, TEMPERATURE, TARGET_TEMPERATURE = "6D", "7C", "11", "35"


@pytest.fixture(scope="module")
async def bridge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Zoo]:
    async with zoo(tmp_path_factory.mktemp("hap")) as made:
        yield made


@pytest.fixture(scope="module")
async def vault(bridge: Zoo) -> Vault:
    vault = Vault()
    hap = Hap(vault)
    await hap.pair(bridge.endpoint, CODE)
    await hap.aclose()
    return vault


@pytest.fixture
async def hap(vault: Vault) -> AsyncIterator[Hap]:
    hap = Hap(vault)
    yield hap
    await hap.aclose()


@pytest.fixture
async def where(hap: Hap, bridge: Zoo) -> dict[str, dict[str, str]]:
    return layout(await hap.accessories(bridge.endpoint))


async def test_pairing_keeps_long_term_keys_and_never_the_code(vault: Vault) -> None:
    kept = json.loads(vault["hap:bridge"])
    assert set(kept) == {"AccessoryPairingID", "AccessoryLTPK", "iOSPairingId", "iOSDeviceLTSK", "iOSDeviceLTPK"}
    assert "154" not in [*kept.values()]


async def test_pairing_again_does_nothing_while_ours_works(hap: Hap, bridge: Zoo, vault: Vault) -> None:
    before = vault["hap:bridge"]
    assert await hap.pair(bridge.endpoint, "999-99-998") == json.loads(before)["AccessoryPairingID"]
    assert vault["hap:bridge"] == before


async def test_an_accessory_of_someone_else_says_how_to_free_it(bridge: Zoo, vault: Vault) -> None:
    stranger = Hap(Vault())
    with pytest.raises(DeviceRefused, match="already paired"):
        await stranger.pair(bridge.endpoint, CODE)


async def test_without_pairing_the_code_is_asked_for(bridge: Zoo) -> None:
    with pytest.raises(CredentialMissing, match="set-up code"):
        await Hap(Vault()).read(bridge.target("1/1"))


async def test_writes_arrive_and_read_back(hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]) -> None:
    light = where["Hall Light"]
    await hap.write(bridge.target(light[ON]), payload=True)
    assert await bridge.expect("set") == ["Hall Light", "On", True]
    assert await hap.read(bridge.target(light[ON])) in (True, 1)
    await hap.invoke(bridge.target(light[BRIGHTNESS]), 73)
    assert await bridge.expect("set") == ["Hall Light", "Brightness", 73]
    assert await hap.read(bridge.target(light[BRIGHTNESS])) == 73


async def test_a_timed_write_is_prepared_first(hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]) -> None:
    await hap.write(bridge.target(where["Front Door"]["1E"], timed=True), 0)
    assert await bridge.expect("set") == ["Front Door", "LockTargetState", 0]
    assert await hap.read(bridge.target(where["Front Door"]["1D"])) == 0


async def test_a_colour_is_one_object_of_two_characteristics(
    hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]
) -> None:
    light = where["Hall Light"]
    target = bridge.target(f"{light[HUE]},{light[SATURATION].partition('/')[2]}", fields=["hue", "saturation"])
    await hap.write(target, {"hue": 120, "saturation": 80})
    assert await hap.read(target) == {"hue": 120, "saturation": 80}
    with pytest.raises(NotSupported, match="saturation"):
        await hap.write(target, {"hue": 120})


async def test_reading_a_whole_bridge_is_one_request(hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]) -> None:
    hrefs = [
        href
        for name in ("Hall Light", "Thermostat", "Bedroom Shade", "Front Door")
        for kind, href in where[name].items()
        if kind != "14"  # identify can only be written
    ]
    assert len(hrefs) > 20
    answers: list[Json] = []

    async def read(href: str) -> None:
        answers.append(await hap.read(bridge.target(href)))

    await hap.read(bridge.target(where["Hall Light"][ON]))
    while await bridge.expect("get") != [where["Hall Light"][ON].replace("/", ".")]:
        pass
    async with anyio.create_task_group() as tasks:
        for href in hrefs:
            tasks.start_soon(read, href)
    assert len(answers) == len(hrefs)
    assert len(await bridge.expect("get")) == len(set(hrefs))


async def test_one_broken_accessory_is_offline_and_spoils_no_other(
    hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]
) -> None:
    answers: dict[str, Json] = {}

    async def good() -> None:
        answers["light"] = await hap.read(bridge.target(where["Hall Light"][BRIGHTNESS]))

    async def bad() -> None:
        with pytest.raises(DeviceOffline, match="70402"):
            await hap.read(bridge.target(where["Far Sensor"][TEMPERATURE]))

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(good)
        tasks.start_soon(bad)
    assert isinstance(answers["light"], int)


async def test_a_characteristic_that_went_away_is_refused(hap: Hap, bridge: Zoo) -> None:
    with pytest.raises((DeviceRefused, DeviceOffline)):
        await hap.read(bridge.target("2/9999"))


@pytest.mark.parametrize("href", ["", "1", "1/", "a/b", "1/2/3", "1/2,3", "../1", "1/99999999999999999999999"])
async def test_what_is_no_hap_address_is_refused(hap: Hap, bridge: Zoo, href: str) -> None:
    with pytest.raises(NotSupported):
        await hap.read(bridge.target(href))


async def test_a_shade_is_watched_all_the_way(hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]) -> None:
    shade = where["Bedroom Shade"]
    seen: list[Any] = []
    with anyio.fail_after(20):
        async with aclosing(hap.observe(bridge.target(shade[POSITION]))) as changes:
            async for position in changes:
                if not seen:
                    await hap.write(bridge.target(shade[TARGET_POSITION]), 60)
                seen.append(position)
                if position == 60:
                    break
    assert seen == sorted(seen)
    assert len(seen) > 2


async def test_observers_share_one_connection_and_one_subscription(
    hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]
) -> None:
    target = bridge.target(where["Thermostat"][TEMPERATURE])
    ready = [anyio.Event(), anyio.Event()]
    got: list[Json] = []

    async def watch(event: anyio.Event) -> None:
        async with aclosing(hap.observe(target)) as changes:
            await anext(changes)
            event.set()
            got.append(await anext(changes))

    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            for event in ready:
                tasks.start_soon(watch, event)
            for event in ready:
                await event.wait()
            await bridge.tell(set=["Thermostat", "CurrentTemperature", 22.5])
    assert got == [22.5, 22.5]
    assert len(hap._sessions) == 1


async def test_a_lost_connection_ends_observing_and_the_next_call_heals_it(
    hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]]
) -> None:
    target = bridge.target(where["Hall Light"][BRIGHTNESS])
    with anyio.fail_after(20):
        changes = hap.observe(target)
        await anext(changes)
        await bridge.tell(drop=True)
        with pytest.raises(DeviceOffline):
            await anext(changes)
        assert isinstance(await hap.read(target), int)
        again = hap.observe(target)
        await anext(again)
        await bridge.tell(set=["Hall Light", "Brightness", 11])
        assert await anext(again) == 11
        await again.aclose()


async def test_nobody_there_is_offline_at_once(hap: Hap, unused_port: int) -> None:
    gone = Target(Endpoint("127.0.0.1", unused_port, "hap", device_id="bridge"), Form("readproperty", "1/1"))
    with anyio.fail_after(2), pytest.raises(DeviceOffline, match="power and network"):
        await hap.read(gone)


async def test_a_machine_that_went_dark_is_offline_soon_and_for_all(hap: Hap) -> None:
    """The kernel drops our SYN, as a network does for an address that nobody has any more."""
    with socket.socket() as listener, ExitStack() as fillers:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        for _ in range(3):
            filler = fillers.enter_context(socket.socket())
            filler.settimeout(0)
            filler.connect_ex(("127.0.0.1", port))
        dark = Endpoint("127.0.0.1", port, "hap", device_id="bridge")

        async def order(aid: int) -> None:
            with pytest.raises(DeviceOffline, match="cannot be reached"):
                await hap.write(Target(dark, Form("writeproperty", f"{aid}/9")), True)  # noqa: FBT003 - a payload

        with anyio.fail_after(2 * CONNECT_TIMEOUT - 0.5):  # they do not stand in line, each for a try of its own
            async with anyio.create_task_group() as group:
                for aid in range(1, 6):
                    group.start_soon(order, aid)


async def test_the_session_follows_a_new_address(
    hap: Hap, bridge: Zoo, where: dict[str, dict[str, str]], unused_port: int
) -> None:
    form = Form("readproperty", where["Hall Light"][BRIGHTNESS])
    with pytest.raises(DeviceOffline):
        await hap.read(Target(Endpoint("127.0.0.1", unused_port, "hap", device_id="bridge"), form))
    assert isinstance(await hap.read(Target(bridge.endpoint, form)), int)


def test_the_door_is_cheap_to_import() -> None:
    script = "import sys, claw.protocols.hap; sys.exit('aiohomekit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
