"""Runs inside a network namespace: an IPv6 device announces itself over IPv6, then moves, then leaves.

Prints one line of JSON per announcement that Discovery published about it. `python island.py NAME`.
"""

from __future__ import annotations

import json
import socket
import struct
import sys

import anyio

from claw.bus import Bus
from claw.devices.discovery.interfaces import own
from claw.devices.discovery.service import Discovery
from claw.model.events import Announced
from tests.devices.discovery.lan import notify, service

BASIC = "urn:schemas-upnp-org:device:Basic:1"


async def main(name: str) -> None:
    link = next(i for i in own() if i.name == "eth0" and i.address.is_link_local)
    sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, struct.pack("@I", link.index))
    sock.bind((str(link.address), 0, 0, link.index))
    bus = Bus()
    discovery = Discovery(bus)
    with bus.subscribe(Announced) as facts:
        async with anyio.create_task_group() as group:
            await group.start(discovery.run)
            assert not discovery.problems
            say = [
                (service(name, "_hap._tcp", addresses=("fe80::77",)), ("ff02::fb", 5353)),
                (service(name, "_hap._tcp", addresses=("10.99.0.9",)), ("ff02::fb", 5353)),
                (service(name, "_hap._tcp", ttl=0), ("ff02::fb", 5353)),
                (notify(f"uuid:{name}::{BASIC}", BASIC, f"http://[{link.address}]:9/d.xml"), ("ff02::c", 1900)),
                (notify(f"uuid:{name}::{BASIC}", BASIC, nts="ssdp:byebye"), ("ff02::c", 1900)),
            ]
            for packet, (address, port) in say:
                sock.sendto(packet, (address, port, 0, link.index))
                with anyio.fail_after(10):
                    while (told := (await facts.next()).announcement).name.removeprefix("uuid:") != name:
                        pass
                line = {"kind": told.kind, "hosts": told.hosts, "gone": told.gone, "location": told.location}
                print(json.dumps({**line, "scope": link.index}), flush=True)  # noqa: T201 - its contract
            group.cancel_scope.cancel()
    sock.close()


if __name__ == "__main__":
    anyio.run(main, sys.argv[1])
