"""TP-Link Kasa: neither mDNS nor SSDP, but an answer to a broadcast on UDP port 9999."""

from __future__ import annotations

import asyncio
import ipaddress
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import anyio
import anyio.abc

from claw.devices.discovery import bounds
from claw.devices.discovery.interfaces import Interface
from claw.model.announcement import Announcement, Via
from claw.protocols.kasa_cipher import PORT, decrypt, encrypt

ROUND = 60.0  # seconds between questions, give or take a fifth
MISSES = 4  # rounds without an answer until a device counts as gone
MAX_DEVICES = 512
MAX_PACKET = 16 * 1024
_TOLD = ("deviceId", "model", "type", "mic_type", "sw_ver", "hw_ver", "dev_name", "feature")


QUESTION = encrypt('{"system":{"get_sysinfo":{}}}')


def parse(data: bytes, host: str) -> Announcement | None:
    """The announcement in an answer; None for anything else, our own question included."""
    if len(data) > MAX_PACKET:
        return None
    try:
        said = json.loads(decrypt(data))
        info = said["system"]["get_sysinfo"]
        mac = info.get("mac") or info.get("mic_mac") or info.get("ethernet_mac")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    if not isinstance(mac, str):
        return None
    alias = info.get("alias")
    told = {key: value for key in _TOLD if isinstance(value := info.get(key), str)}
    fields = bounds.fields({"mac": mac, **told}.items())
    name = bounds.text(alias if isinstance(alias, str) and alias else told.get("model", "Kasa device"))
    return Announcement(
        Via.UDP, "tplink-kasa", name, (host,), PORT, fields | {"usn": f"kasa:{fields['mac'].lower()}"}
    )


class Kasa(asyncio.DatagramProtocol):
    """Asks now and then, tells `hear` who answers. `targets`: addresses to ask besides the broadcast ones."""

    def __init__(
        self,
        interfaces: Sequence[Interface],
        hear: Callable[[Announcement], None],
        allows: Callable[[str], bool],
        targets: Sequence[str] = (),
    ) -> None:
        self._interfaces = [i for i in interfaces if i.address.version == 4]  # noqa: PLR2004 - IPv4
        self._hear = hear
        self._allows = allows
        self._targets = tuple(targets)
        self._transports: dict[Interface, asyncio.DatagramTransport] = {}
        self._known: dict[str, tuple[Announcement, int]] = {}
        self._round = 0

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Ask until cancelled; started once the sockets are open."""
        loop = asyncio.get_running_loop()
        try:
            for interface in self._interfaces:
                self._transports[interface], _ = await loop.create_datagram_endpoint(
                    lambda: self, local_addr=(str(interface.address), 0), allow_broadcast=True
                )
            task_status.started()
            while True:
                self._round += 1
                await self.search()
                await anyio.sleep(ROUND * random.uniform(0.8, 1.2))  # noqa: S311 - not in step with others
                self._let_go()
        finally:
            for transport in self._transports.values():
                transport.close()
            self._transports.clear()

    async def search(self) -> None:
        """Ask once, now."""
        for interface, transport in self._transports.items():
            for address in self._addresses(interface):
                if not transport.is_closing():
                    transport.sendto(QUESTION, (address, PORT))

    def _addresses(self, interface: Interface) -> list[str]:
        """Where to ask: the subnet's broadcast address, the targets in it, and on loopback the address itself."""
        network = interface.network
        mine = [target for target in self._targets if ipaddress.ip_address(target) in network]
        own = [str(interface.address)] if interface.address.is_loopback else []
        return [str(network.broadcast_address), *own, *mine]

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        """Take in one answer."""
        host = bounds.host(addr[0])
        if host is None or not self._allows(host) or (found := parse(data, host)) is None:
            return
        usn = found.fields["usn"]
        if usn in self._known or len(self._known) < MAX_DEVICES:
            self._known[usn] = (found, self._round)
            self._hear(found)

    def error_received(self, exc: Exception) -> None:
        """Nobody there; the next round asks again."""

    def _let_go(self) -> None:
        for usn, (known, heard) in list(self._known.items()):
            if self._round - heard >= MISSES:
                del self._known[usn]
                self._hear(replace(known, gone=True))
