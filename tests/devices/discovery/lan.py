"""A LAN on loopback for the tests: raw mDNS and SSDP speakers, a description server, and a running Discovery."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import struct
import uuid
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
from aiohttp import web

from claw.bus import Bus, Subscription
from claw.devices.discovery.service import Discovery
from claw.model.announcement import Announcement
from claw.model.events import Announced

LOOPBACK = "127.0.0.1"
MDNS = ("224.0.0.251", 5353)
SSDP = ("239.255.255.250", 1900)
A, PTR, TXT, AAAA, SRV = 1, 12, 16, 28, 33
FLUSH = 0x8001


def unique(prefix: str) -> str:
    """A name that no other test process on this machine uses at the same time."""
    return f"{prefix}-{uuid.uuid4().hex[:10].translate(str.maketrans('abcdef', 'ghijkl'))}"


def multicast() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
    sock.bind((LOOPBACK, 0))
    return sock


def encode_name(name: str) -> bytes:
    labels = [label.encode() for label in name.rstrip(".").split(".")]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def record(name: str, kind: int, ttl: int, data: bytes) -> bytes:
    return encode_name(name) + struct.pack("!HHIH", kind, 1 if kind == PTR else FLUSH, ttl, len(data)) + data


def response(*records: bytes) -> bytes:
    return struct.pack("!6H", 0, 0x8400, 0, len(records), 0, 0) + b"".join(records)


def service(
    name: str,
    type_: str,
    *,
    host: str = "",
    addresses: tuple[str, ...] = (LOOPBACK,),
    port: int = 80,
    txt: bytes | None = b"\0",
    ttl: int = 120,
) -> bytes:
    """A whole announcement: PTR, SRV, TXT and addresses; `ttl` 0 is a goodbye."""
    full, server = f"{name}.{type_}.local", f"{host or name}.local"
    records = [record(f"{type_}.local", PTR, ttl, encode_name(full))]
    records.append(record(full, SRV, ttl, struct.pack("!HHH", 0, 0, port) + encode_name(server)))
    if txt is not None:
        records.append(record(full, TXT, ttl, txt))
    for raw in addresses:
        address = ipaddress.ip_address(raw)
        records.append(record(server, A if address.version == 4 else AAAA, ttl, address.packed))
    return response(*records)


def txt(**pairs: str) -> bytes:
    words = [f"{key}={value}".encode() for key, value in pairs.items()]
    return b"".join(bytes([len(word)]) + word for word in words) or b"\0"


def notify(usn: str, kind: str, location: str = "", *, nts: str = "ssdp:alive", **headers: str) -> bytes:
    lines = {"HOST": "239.255.255.250:1900", "NT": kind, "NTS": nts, "USN": usn, **headers}
    if location:
        lines["LOCATION"] = location
    return ("NOTIFY * HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n").encode()


def description(name: str, udn: str, **more: str) -> str:
    fields = {"deviceType": "urn:schemas-upnp-org:device:Basic:1", "friendlyName": name, "UDN": udn, **more}
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items())
    return f'<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0"><device>{inner}</device></root>'


@asynccontextmanager
async def server(routes: Mapping[str, Callable[[web.Request], Any]]) -> AsyncIterator[str]:
    """A web server on loopback; its base URL."""
    app = web.Application()
    for path, answer in routes.items():
        app.router.add_get(path, answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, LOOPBACK, 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield f"http://{LOOPBACK}:{port}"
    finally:
        await runner.cleanup()


@dataclass
class Heard:
    """A running Discovery and what it published."""

    discovery: Discovery
    facts: Subscription[Announced]
    mdns: socket.socket = field(default_factory=multicast)
    said: deque[tuple[bytes, tuple[str, int]]] = field(default_factory=lambda: deque(maxlen=8))
    errors: list[dict[str, Any]] = field(default_factory=list)

    async def until(self, wanted: Callable[[Announcement], bool], seconds: float = 20) -> Announcement:
        """Wait for an announcement; what was said is said again now and then, for a busy machine drops packets."""
        with anyio.fail_after(seconds):
            while True:
                with anyio.move_on_after(1):
                    while True:
                        announcement = (await self.facts.next()).announcement
                        if wanted(announcement):
                            self.said.clear()
                            return announcement
                for packet, where in self.said:
                    self.mdns.sendto(packet, where)

    async def named(self, name: str, *, gone: bool = False, seconds: float = 20) -> Announcement:
        return await self.until(lambda a: a.name == name and a.gone is gone, seconds)

    def say(self, packet: bytes, where: tuple[str, int] = MDNS) -> None:
        self.said.append((packet, where))
        self.mdns.sendto(packet, where)


@asynccontextmanager
async def listening(**options: Any) -> AsyncIterator[Heard]:
    """Discovery on loopback; fails when anything went wrong unseen inside the event loop."""
    bus = Bus()
    discovery = Discovery(bus, [LOOPBACK], **options)
    with bus.subscribe(Announced, buffer=20_000) as facts:
        heard = Heard(discovery, facts)
        loop = asyncio.get_running_loop()
        before = loop.get_exception_handler()
        loop.set_exception_handler(lambda _, context: heard.errors.append(context))
        try:
            async with anyio.create_task_group() as group:
                await group.start(discovery.run)
                yield heard
                group.cancel_scope.cancel()
        finally:
            heard.mdns.close()
            loop.set_exception_handler(before)
    assert not discovery.problems
    assert heard.errors == []
