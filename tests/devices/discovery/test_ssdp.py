"""SSDP on real sockets: searched and heard, described, updated and gone; strange devices and hostile ones."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from aiohttp import web

from claw.devices.discovery.interfaces import Neighbourhood, chosen
from claw.devices.discovery.ssdp import Ssdp
from claw.model.announcement import Announcement, Via
from tests.devices.discovery.lan import LOOPBACK, SSDP, description, listening, multicast, notify, server, unique

BASIC = "urn:schemas-upnp-org:device:Basic:1"


def page(text: str) -> web.Response:
    return web.Response(text=text, content_type="text/xml")


async def test_a_device_that_announces_itself_is_told_with_its_description() -> None:
    usn = f"uuid:{unique('lamp')}"

    async def answer(_: web.Request) -> web.Response:
        return page(
            description("Kitchen Lamp", usn, manufacturer="Acme", serialNumber="SN-4711", presentationURL="/ui")
        )

    async with server({"/d.xml": answer}) as base, listening() as heard:
        heard.say(notify(f"{usn}::{BASIC}", BASIC, f"{base}/d.xml", SERVER="Linux UPnP/1.0 Acme/1"), SSDP)
        found = await heard.until(lambda a: a.fields.get("usn") == f"{usn}::{BASIC}")
    assert (found.via, found.kind, found.name, found.hosts) == (Via.SSDP, BASIC, "Kitchen Lamp", (LOOPBACK,))
    assert found.location == f"{base}/d.xml"
    assert f"http://{LOOPBACK}:{found.port}" == base
    assert found.fields["presentationurl"] == f"{base}/ui"
    assert found.fields["serialnumber"] == "SN-4711"
    assert found.fields["server"] == "Linux UPnP/1.0 Acme/1"


async def test_a_slow_description_holds_nothing_up() -> None:
    usn, asked, go = f"uuid:{unique('slow')}", anyio.Event(), anyio.Event()

    async def answer(_: web.Request) -> web.Response:
        asked.set()
        await go.wait()
        return page(description("Slow Lamp", usn))

    async with server({"/d.xml": answer}) as base, listening() as heard:
        heard.say(notify(f"{usn}::{BASIC}", BASIC, f"{base}/d.xml"), SSDP)
        await heard.named(usn, seconds=2)
        go.set()
        await heard.named("Slow Lamp")


async def test_one_description_serves_all_services_of_a_device() -> None:
    usn, asked = f"uuid:{unique('many')}", 0
    kinds = {"upnp:rootdevice", BASIC, "urn:schemas-upnp-org:service:SwitchPower:1"}
    told: set[str] = set()
    done = anyio.Event()

    async def describe(location: str, host: str) -> dict[str, str]:
        nonlocal asked
        asked += usn in location
        return {"friendlyname": f"{usn} described at {host}"}

    def hear(announcement: Announcement) -> None:
        if announcement.name == f"{usn} described at {LOOPBACK}":
            told.add(announcement.kind)
            if told == kinds:
                done.set()

    interfaces = chosen([LOOPBACK])
    source = Ssdp(interfaces, hear, Neighbourhood(interfaces).allows, describe)
    with multicast() as sock:
        async with anyio.create_task_group() as group:
            await group.start(source.run)
            with anyio.fail_after(20):
                while not done.is_set():
                    for kind in (*kinds, *kinds):
                        sock.sendto(notify(f"{usn}::{kind}", kind, f"http://{LOOPBACK}:9/{usn}"), SSDP)
                    with anyio.move_on_after(1):
                        await done.wait()
            group.cancel_scope.cancel()
    assert asked == 1


async def test_goodbye_of_the_root_takes_every_service_along() -> None:
    usn = f"uuid:{unique('bye')}"
    async with listening() as heard:
        for kind in ("upnp:rootdevice", BASIC):
            heard.say(notify(f"{usn}::{kind}", kind), SSDP)
            await heard.named(usn)
        heard.say(notify(f"{usn}::upnp:rootdevice", "upnp:rootdevice", nts="ssdp:byebye"), SSDP)
        assert {(await heard.named(usn, gone=True)).kind for _ in range(2)} == {"upnp:rootdevice", BASIC}
        assert usn not in {a.name for a in heard.discovery.announcements}


async def test_goodbye_of_one_service_leaves_the_others() -> None:
    usn = f"uuid:{unique('part')}"
    async with listening() as heard:
        for kind in ("upnp:rootdevice", BASIC):
            heard.say(notify(f"{usn}::{kind}", kind), SSDP)
            await heard.named(usn)
        heard.say(notify(f"{usn}::{BASIC}", BASIC, nts="ssdp:byebye"), SSDP)
        assert (await heard.named(usn, gone=True)).kind == BASIC
        assert [a.kind for a in heard.discovery.announcements if a.name == usn] == ["upnp:rootdevice"]


async def test_a_restart_is_described_afresh() -> None:
    usn, name = f"uuid:{unique('boot')}", ""

    async def answer(_: web.Request) -> web.Response:
        return page(description(f"{name} {usn}", usn))

    async with server({"/d.xml": answer}) as base, listening() as heard:
        for boot, name in (("1", "Before"), ("2", "After")):
            heard.say(notify(f"{usn}::{BASIC}", BASIC, f"{base}/d.xml", **{"BOOTID.UPNP.ORG": boot}), SSDP)
            await heard.named(f"{name} {usn}")


async def test_a_device_that_moves_is_told_at_its_new_address() -> None:
    usn = f"uuid:{unique('mover')}"
    async with listening() as heard:
        for host in ("127.0.0.21", "127.0.0.22"):
            heard.say(notify(f"{usn}::{BASIC}", BASIC, f"http://{host}:9/d.xml"), SSDP)
            found = await heard.until(lambda a, host=host: a.name == usn and a.hosts == (host,))  # type: ignore[misc]
            assert not found.gone


@pytest.mark.parametrize(
    "location",
    [
        "http://192.0.2.1/d.xml",
        "http://example.invalid/d.xml",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "http://[::1/d.xml",
        "http://user:pw@127.0.0.1/d.xml",
        "http://127.0.0.1:99999/d.xml",
        "http://127.0.0.1 .evil/",
        "//127.0.0.1/x",
        "http://" + "a" * 5000,
    ],
    ids=lambda value: value[:30],
)
async def test_a_location_elsewhere_is_dropped_and_the_device_kept(location: str) -> None:
    usn = f"uuid:{unique('away')}"
    async with listening() as heard:
        heard.say(notify(f"{usn}::{BASIC}", BASIC, location), SSDP)
        found = await heard.named(usn)
    assert found.location is None
    assert found.port == 0


async def test_a_location_of_everywhere_means_the_sender() -> None:
    usn = f"uuid:{unique('any')}"
    async with listening() as heard:
        heard.say(notify(f"{usn}::{BASIC}", BASIC, "http://0.0.0.0:9/d.xml"), SSDP)
        found = await heard.named(usn)
    assert found.location == f"http://{LOOPBACK}:9/d.xml"


async def test_strange_packets_are_read_or_passed_over() -> None:
    usn, last = f"uuid:{unique('odd')}", f"uuid:{unique('end')}"
    good = notify(f"{usn}::{BASIC}", BASIC)
    odd = [
        b"",
        b"\r\n\r\n",
        b"NOTIFY",
        b"NOTIFY * HTTP/1.1\r\n\r\n",
        b"\xff\xfe\xfd" * 50,
        good.replace(b"NTS: ssdp:alive", b"NTS: ssdp:party"),
        good.replace(b"USN: ", b"XSN: "),
        notify("no\x00good", BASIC),
        notify(f"{usn}::{BASIC}", BASIC, **{"CACHE-CONTROL": "max-age=" + "9" * 400}),
        notify(f"{usn}::x", "x", **{"X-BIG": "y" * 9000}),
        notify(f"{usn}::x", "x", **{f"X-{n}": "y" for n in range(300)}),
        b"M-SEARCH * HTTP/1.1\r\nST: ssdp:all\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nST: x\r\nUSN: uuid:x\r\n\r\n",
    ]
    async with listening() as heard:
        for packet in odd:
            heard.say(packet, SSDP)
            await anyio.lowlevel.checkpoint()
        lenient = (
            notify(f"{last}::{BASIC}", BASIC)
            .replace(b"\r\n", b"\n")
            .replace(b"USN: ", b"uSn :\t")
            .replace(b"*", b"/")
        )
        heard.say(lenient + b"X-\xff: \xc3\x28\nno colon here\n", SSDP)
        await heard.named(last)


@asynccontextmanager
async def answering(replies: dict[str, bytes]) -> AsyncIterator[list[bytes]]:
    """A device that answers searches, and only those whose ST line matches to the letter."""
    asked: list[bytes] = []

    class Device(asyncio.DatagramProtocol):
        transport: Any

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
            for target, reply in replies.items():
                if f"\r\nST: {target}\r\n".encode() in data:
                    asked.append(data)
                    self.transport.sendto(reply, addr)

    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    member = struct.pack("4s4s", socket.inet_aton(SSDP[0]), socket.inet_aton(LOOPBACK))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    sock.bind(("", SSDP[1]))
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Device, sock=sock)
    try:
        yield asked
    finally:
        transport.close()


def reply(target: str, usn: str) -> bytes:
    return f"HTTP/1.1 200 OK\r\nCACHE-CONTROL: max-age=100\r\nEXT:\r\nST: {target}\r\nUSN: {usn}\r\n\r\n".encode()


async def test_a_device_that_answers_only_its_own_search_is_found() -> None:
    usn, pool = f"uuid:{unique('pool')}", "urn:schemas-tagyoureit-org:device:PoolController:1"
    async with answering({pool: reply(pool, f"{usn}::{pool}")}) as asked, listening() as heard:
        found = await heard.named(usn)
        assert found.kind == pool
        assert b'\r\nMAN: "ssdp:discover"\r\nMX: 1\r\n' in asked[0]


async def test_a_device_that_echoes_every_search_is_known_by_its_usn() -> None:
    usn = f"uuid:{unique('echo')}"
    sonos = "urn:schemas-upnp-org:device:ZonePlayer:1"
    replies = {sonos: reply(sonos, f"{usn}::{BASIC}"), "ssdp:all": reply("ssdp:all", usn)}
    async with answering(replies), listening() as heard:
        kinds = {(await heard.named(usn)).kind for _ in range(2)}
    assert kinds == {BASIC, "upnp:rootdevice"}


async def test_search_asks_at_once() -> None:
    usn = f"uuid:{unique('now')}"
    replies: dict[str, bytes] = {}
    async with answering(replies), listening() as heard:
        replies["upnp:rootdevice"] = reply("upnp:rootdevice", f"{usn}::upnp:rootdevice")
        assert usn in {a.name for a in await heard.discovery.search(0.9)}  # the next round is a second away


async def test_silence_beyond_max_age_is_a_goodbye() -> None:
    usn = f"uuid:{unique('mute')}"
    interfaces = chosen([LOOPBACK])
    send, receive = anyio.create_memory_object_stream[Announcement](1000)

    async def describe(_: str, __: str) -> dict[str, str]:
        return {}

    source = Ssdp(interfaces, send.send_nowait, Neighbourhood(interfaces).allows, describe, least_age=0.2)
    with send, receive, multicast() as sock:
        async with anyio.create_task_group() as group:
            await group.start(source.run)
            for _ in range(3):
                sock.sendto(notify(f"{usn}::{BASIC}", BASIC, **{"CACHE-CONTROL": "max-age = 0"}), SSDP)
            with anyio.fail_after(20):
                told = [a.gone async for a in _of(usn, receive, 2)]
            group.cancel_scope.cancel()
    assert told == [False, True]


async def _of(
    name: str, stream: anyio.abc.ObjectReceiveStream[Announcement], count: int
) -> AsyncIterator[Announcement]:
    async for announcement in stream:
        if announcement.name == name:
            yield announcement
            count -= 1
            if not count:
                return
