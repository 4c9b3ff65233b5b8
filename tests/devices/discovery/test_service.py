"""Discovery as a whole: one table, each change told once, and no consumer or neighbour can stop it."""

from __future__ import annotations

import logging
import subprocess
import sys

import anyio
import anyio.lowlevel
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.bus import Bus
from claw.devices.discovery.kinds import distraction, distractor, is_distractor
from claw.devices.discovery.service import Discovery
from claw.devices.discovery.table import Table
from claw.errors import SettingsError
from claw.model.announcement import Announcement, Via
from tests.devices.discovery.lan import LOOPBACK, SSDP, listening, notify, service, unique


def said(name: str, host: str = "10.0.0.1", *, gone: bool = False) -> Announcement:
    return Announcement(Via.MDNS, "_http._tcp", name, (host,), 80, gone=gone)


async def test_each_change_is_published_and_handed_on_once() -> None:
    taken: list[Announcement] = []
    done = anyio.Event()

    async def take(announcement: Announcement) -> None:
        taken.append(announcement)
        if announcement.gone:
            done.set()

    name = unique("once")
    async with listening(on_announcement=take) as heard:
        for _ in range(3):
            heard.say(service(name, "_http._tcp"))
        await heard.named(name)
        heard.say(service(name, "_http._tcp", ttl=0))
        await heard.named(name, gone=True)
        with anyio.fail_after(20):
            await done.wait()
    mine = [a.gone for a in taken if a.name == name]
    assert mine in ([False, True], [True])  # an arrival that is over before anybody looked is not worth telling


async def test_a_consumer_that_fails_misses_one_and_hears_the_next(caplog: pytest.LogCaptureFixture) -> None:
    bad, good = unique("bad"), unique("good")
    heard_good = anyio.Event()

    async def take(announcement: Announcement) -> None:
        if announcement.name == bad:
            raise RuntimeError("a bug")
        if announcement.name == good:
            heard_good.set()

    async with listening(on_announcement=take) as heard:
        with caplog.at_level(logging.CRITICAL, "claw"):
            heard.say(service(bad, "_http._tcp"))
            heard.say(service(good, "_http._tcp"))
            with anyio.fail_after(20):
                await heard_good.wait()


async def test_a_slow_consumer_gets_the_latest_of_each_service() -> None:
    go, done = anyio.Event(), anyio.Event()
    taken: list[Announcement] = []

    async def take(announcement: Announcement) -> None:
        await go.wait()
        taken.append(announcement)
        if announcement.name == "last":
            done.set()

    discovery = Discovery(Bus(), [LOOPBACK], take)
    async with anyio.create_task_group() as group:
        group.start_soon(discovery._hand_on)
        for n in range(1000):
            discovery.hear(said("busy", f"10.0.0.{n % 200}"))
        discovery.hear(said("last"))
        assert len(discovery._pending) <= 3
        go.set()
        with anyio.fail_after(20):
            await done.wait()
        group.cancel_scope.cancel()
    assert [a.hosts for a in taken if a.name == "busy"][-1] == ("10.0.0.199",)


async def test_an_interface_that_is_not_ours_stops_the_start() -> None:
    with pytest.raises(SettingsError, match=r"203\.0\.113\.9"):
        await Discovery(Bus(), ["203.0.113.9"]).run()


async def test_discovery_can_be_run_again() -> None:
    discovery = Discovery(Bus(), [LOOPBACK])
    for _ in range(2):
        async with anyio.create_task_group() as group:
            await group.start(discovery.run)
            assert discovery.zeroconf is not None
            group.cancel_scope.cancel()
        assert discovery.zeroconf is None


async def test_it_is_found_among_noise_on_every_door() -> None:
    one, two = unique("tcp"), f"uuid:{unique('ssdp')}"
    async with listening() as heard:
        for n in range(60):
            heard.say(bytes([n]) * (n * 150), SSDP if n % 2 else ("224.0.0.251", 5353))
            await anyio.lowlevel.checkpoint()
        heard.say(notify(f"{two}::upnp:rootdevice", "upnp:rootdevice"), SSDP)
        heard.say(service(one, "_hap._tcp"))
        both = {one, two}
        while both:
            both.discard((await heard.until(lambda a: a.name in both)).name)


def test_importing_it_loads_nothing_heavy() -> None:
    code = "import sys, claw.devices.discovery.service; print(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"aiohttp", "zeroconf", "async_upnp_client", "ifaddr", "defusedxml"} & set(loaded)


def test_a_flood_takes_room_from_whoever_floods() -> None:
    table = Table(limit=20)
    table.put(said("lamp", "10.0.0.1"))
    for n in range(500):
        table.put(said(f"spam{n}", "10.0.0.66"))
    assert len(table) == 20
    assert table.evicted == 481
    assert "lamp" in {row.name for row in table.all()}


@given(
    st.lists(st.builds(said, st.sampled_from("abcdef"), st.sampled_from(["1", "2"]), gone=st.booleans()), max_size=40)
)
def test_the_table_holds_the_latest_of_each(history: list[Announcement]) -> None:
    table = Table(limit=100)
    latest: dict[str, Announcement] = {}
    for announcement in history:
        known = latest.pop(announcement.name, None)
        if not announcement.gone:
            latest[announcement.name] = announcement
        assert table.put(announcement) == ((known is not None) if announcement.gone else known != announcement)
    assert {row.name: row for row in table.all()} == latest


@pytest.mark.parametrize(
    ("announcement", "what"),
    [
        (Announcement(Via.MDNS, "_ipp._tcp", "Laser", (), 631), "printer"),
        (Announcement(Via.MDNS, "_airplay._tcp", "TV", (), 7000), "AirPlay receiver"),
        (Announcement(Via.MDNS, "_smb._tcp", "NAS", (), 445), "file share"),
        (Announcement(Via.SSDP, "urn:schemas-upnp-org:device:MediaServer:1", "NAS", (), 80), "file share"),
        (
            Announcement(
                Via.SSDP, "upnp:rootdevice", "r", (), 80, {"devicetype": "urn:x:device:InternetGatewayDevice:2"}
            ),
            "router",
        ),
        (Announcement(Via.SSDP, "urn:x:device:MediaRenderer:1", "Speaker", (), 80), None),
        (Announcement(Via.MDNS, "_hap._tcp", "Lamp", (), 80), None),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "kind", ""),
)
def test_distractors_are_named(announcement: Announcement, what: str | None) -> None:
    assert distraction(announcement) == what
    assert is_distractor(announcement) is (what is not None)


def test_a_device_is_a_distractor_when_all_of_it_is() -> None:
    page = Announcement(Via.MDNS, "_http._tcp", "x", (), 80)
    printer = Announcement(Via.MDNS, "_ipp._tcp", "x", (), 631)
    airplay = Announcement(Via.MDNS, "_airplay._tcp", "x", (), 7000)
    sonos = Announcement(Via.MDNS, "_sonos._tcp", "x", (), 1400)
    assert distractor([page, printer]) == "printer"
    assert distractor([airplay, sonos]) is None
    assert distractor([page]) is None


async def test_the_others_run_on_when_a_port_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refused(_: object, *, task_status: object) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr("claw.devices.discovery.mdns.Mdns.run", refused)
    discovery = Discovery(Bus(), [LOOPBACK])
    async with anyio.create_task_group() as group:
        await group.start(discovery.run)
        assert discovery.problems == (
            "mDNS does not run: Address already in use; stop what holds its port, then restart Claw.",
        )
        assert set(discovery._sources) == {"SSDP", "Kasa"}
        group.cancel_scope.cancel()


async def test_a_machine_without_a_network_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("claw.devices.discovery.service.chosen", lambda _: ())
    discovery = Discovery(Bus())
    async with anyio.create_task_group() as group:
        await group.start(discovery.run)
        assert "no network" in discovery.problems[0]
        assert await discovery.search(0) == ()
        group.cancel_scope.cancel()
