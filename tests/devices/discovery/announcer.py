"""A process full of devices: `python announcer.py PREFIX MDNS SSDP` announces so many on loopback, and answers.

Prints `ready` when all stand. A line on standard input announces one more mDNS service of that name.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
import uuid
from typing import Any

import anyio
import anyio.to_thread
from aiohttp import web
from zeroconf.asyncio import AsyncServiceInfo, AsyncZeroconf

from tests.devices.discovery.lan import LOOPBACK, MDNS, SSDP, description, multicast, notify, server, service

BASIC = "urn:schemas-upnp-org:device:Basic:1"


class Speaker(asyncio.DatagramProtocol):
    """Answers searches for everything and for the root devices, as the standard says."""

    transport: Any

    def __init__(self, devices: dict[str, str]) -> None:
        self.devices = devices

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if not data.startswith(b"M-SEARCH"):
            return
        targets = [t for t in ("upnp:rootdevice", BASIC) if t.encode() in data or b"ssdp:all" in data]
        for udn, location in self.devices.items():
            for target in targets:
                lines = ["HTTP/1.1 200 OK", "CACHE-CONTROL: max-age=1800", f"ST: {target}", f"USN: {udn}::{target}"]
                self.transport.sendto("\r\n".join([*lines, f"LOCATION: {location}", "", ""]).encode(), addr)


async def main(prefix: str, mdns: int, ssdp: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        number = request.match_info["n"]
        return web.Response(text=description(f"{prefix}-s{number}", udns[int(number)]))

    udns = [f"uuid:{uuid.uuid4()}" for _ in range(ssdp)]
    async with server({"/{n}.xml": answer}) as base, AsyncZeroconf(interfaces=[LOOPBACK]) as aio:
        spoken: list[Any] = []
        for n in range(mdns):
            kind = ("_hap._tcp", "_wled._tcp", "_shelly._tcp", "_http._tcp")[n % 4] + ".local."
            txt = {"id": f"AA:BB:CC:DD:{n // 256:02X}:{n % 256:02X}", "md": "Lamp"}
            info = AsyncServiceInfo(
                kind, f"{prefix}-m{n}.{kind}", 9000 + n, properties=txt, server=f"{prefix}-m{n}.local.",
                parsed_addresses=[LOOPBACK],
            )  # fmt: skip
            spoken.append(await aio.async_register_service(info, cooperating_responders=True))
        await asyncio.gather(*spoken)  # all has been said; from now on it only answers
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        member = struct.pack("4s4s", socket.inet_aton(SSDP[0]), socket.inet_aton(LOOPBACK))
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        sock.bind(("", SSDP[1]))
        devices = {udn: f"{base}/{n}.xml" for n, udn in enumerate(udns)}
        await asyncio.get_running_loop().create_datagram_endpoint(lambda: Speaker(devices), sock=sock)
        print("ready", flush=True)  # noqa: T201 - its contract
        with multicast() as speaker:
            while line := (await anyio.to_thread.run_sync(sys.stdin.readline)).strip():
                kind, _, name = line.partition(" ")
                if kind == "mdns":
                    speaker.sendto(service(name, "_hap._tcp", port=80), MDNS)
                else:
                    speaker.sendto(notify(f"uuid:{name}::{BASIC}", BASIC), SSDP)


if __name__ == "__main__":
    anyio.run(main, sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
