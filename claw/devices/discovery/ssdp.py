"""SSDP: searches now and then, listens always, and reads each device's description before it tells of it.

The multicast sockets come from async_upnp_client. Packets are ours (docs/adr/0004-discovery.md says why).
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import random
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

import anyio
import anyio.abc

from claw.devices.discovery import bounds, ssdp_packet
from claw.devices.discovery.interfaces import Interface
from claw.devices.discovery.kinds import SEARCH_TARGETS
from claw.devices.discovery.ssdp_packet import Packet, Said
from claw.errors import DeviceError
from claw.model.announcement import Announcement, Via

log = logging.getLogger(__name__)

GROUP_V4, GROUP_V6 = "239.255.255.250", "ff02::c"
PORT = 1900
ROUND = 180.0  # seconds between searches, give or take a fifth
LEAST_AGE = 2.5 * ROUND  # one lost packet is no goodbye
HOLD = 0.2  # seconds that an announcement waits for its description
RETRY = 60.0  # seconds before a description that could not be read is asked for again
MAX_SERVICES = 4096
MAX_DESCRIPTIONS = 1024
PER_HOST = 256  # descriptions that one address may make us fetch
FETCHES = 16  # at the same time
RECEIVE_BUFFER = 1024 * 1024  # bytes; the kernel may give less

Describe = Callable[[str, str], Awaitable[Mapping[str, str]]]


@dataclass(slots=True)
class _Entry:
    announcement: Announcement
    expires: float
    epoch: str


@dataclass(slots=True)
class _Told:
    """A description, being fetched or fetched. `at`: when it was asked for."""

    host: str
    epoch: str
    at: float
    fields: Mapping[str, str] | None = None
    done: anyio.Event = field(default_factory=anyio.Event)


class Ssdp:
    """Everything that announces itself by SSDP, told to `hear` as it comes, changes and goes."""

    def __init__(
        self,
        interfaces: Sequence[Interface],
        hear: Callable[[Announcement], None],
        allows: Callable[[str], bool],
        describe: Describe,
        *,
        least_age: float = LEAST_AGE,
    ) -> None:
        self._interfaces = interfaces
        self._hear = hear
        self._allows = allows
        self._describe = describe
        self._least_age = least_age
        self._entries: dict[tuple[str, str], _Entry] = {}
        self._told: dict[str, _Told] = {}
        self._searchers: list[tuple[asyncio.DatagramTransport, Any]] = []
        self._fetching = anyio.CapacityLimiter(FETCHES)
        self._changed = anyio.Event()
        self._group: anyio.abc.TaskGroup

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Listen and search until cancelled; started once the sockets are open. Raises OSError when none can be."""
        library = await anyio.to_thread.run_sync(importlib.import_module, "async_upnp_client.ssdp")
        transports: list[asyncio.DatagramTransport] = []
        failures: list[OSError] = []
        try:
            for interface in self._interfaces:
                try:
                    transports += await self._open(library, interface)
                except OSError as error:  # an interface that is going away, or without multicast
                    failures.append(error)
            if failures and not transports:
                raise failures[0]
            async with anyio.create_task_group() as self._group:
                task_status.started()
                self._group.start_soon(self._expire)
                await self._rounds()
        finally:
            self._searchers.clear()
            for transport in transports:
                transport.close()

    async def search(self) -> None:
        """Send every search once, now; answers arrive through `hear` within a second or so."""
        for target in SEARCH_TARGETS:
            for transport, (group, *rest) in self._searchers:
                if not transport.is_closing():
                    transport.sendto(ssdp_packet.search(target, f"[{group}]" if rest[1:] else group), (group, *rest))
            await anyio.sleep(0.01)  # a burst would overflow small receivers

    async def _open(self, library: Any, interface: Interface) -> list[asyncio.DatagramTransport]:  # noqa: ANN401 - a module
        """One socket that listens on port 1900 and one that searches and hears the answers."""
        six = interface.address.version == 6  # noqa: PLR2004 - IPv6
        if six and not (interface.address.is_link_local or interface.address.is_loopback):
            return []  # the group is link-local; one socket a link is enough
        host = str(interface.address)
        source = (host, 0, 0, interface.index) if six else (host, 0)
        target = (GROUP_V6, PORT, 0, interface.index) if six else (GROUP_V4, PORT)
        opened: list[asyncio.DatagramTransport] = []
        for bound in (("", PORT), source):
            sock, _, _ = library.get_ssdp_socket(source, target)
            _prepare(sock, six=six)
            sock.bind(bound)
            loop = asyncio.get_running_loop()
            transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(self._received), sock=sock)
            opened.append(transport)
        self._searchers.append((opened[1], target))
        return opened

    async def _rounds(self) -> None:
        for pause in (1.0, 3.0):  # the first answers often get lost in the burst of a start
            await self.search()
            await anyio.sleep(pause)
        while True:
            await self.search()
            await anyio.sleep(ROUND * random.uniform(0.8, 1.2))  # noqa: S311 - so that searchers do not fall into step

    def _received(self, data: bytes, address: tuple[Any, ...]) -> None:
        scope = f"%{address[3]}" if address[3:] and address[3] and "%" not in address[0] else ""
        host = bounds.host(address[0] + scope)
        packet = ssdp_packet.parse(data)
        if packet is None or host is None or not self._allows(host):
            return
        if packet.said is Said.BYEBYE:
            self._byebye(packet, host)
        elif not packet.kind.lower().startswith("uuid:"):  # says nothing that the other packets do not
            self._alive(packet, host)

    def _alive(self, packet: Packet, host: str) -> None:
        key = (packet.kind, packet.usn)
        expires = time.monotonic() + max(packet.max_age * 1.5, self._least_age)
        location = bounds.url_of_host(packet.location, host)
        parts = bounds.url(location) if location else None
        host = (parts.hostname if parts and bounds.same_machine(parts.hostname or "", host) else None) or host
        made = Announcement(
            Via.SSDP,
            packet.kind,
            packet.uuid,
            (host,),
            bounds.port_of(parts) if parts else 0,
            packet.fields,
            location,
        )
        entry = self._entries.get(key)
        if entry is None:
            if len(self._entries) >= MAX_SERVICES:
                return
            entry = self._entries[key] = _Entry(made, expires, packet.epoch)
            self._changed.set()
        else:
            entry.expires = expires
            told = self._told.get(location or "")
            read = told is None or told.fields or time.monotonic() - told.at < RETRY
            if read and entry.announcement == made and entry.epoch == packet.epoch:
                return
            entry.announcement, entry.epoch = made, packet.epoch
        self._group.start_soon(self._tell, key, entry, made)

    async def _tell(self, key: tuple[str, str], entry: _Entry, made: Announcement) -> None:
        """Tell with the description if that comes at once, else twice."""
        told = self._ask(made.location, made.hosts[0], entry.epoch) if made.location else None
        if told is not None:
            with anyio.move_on_after(HOLD):
                await told.done.wait()
            if not told.done.is_set():
                self._hear(made)
                await told.done.wait()
        if self._entries.get(key) is entry and entry.announcement is made:  # else a newer packet tells
            self._hear(_described(made, told.fields if told else None))

    def _ask(self, location: str, host: str, epoch: str) -> _Told | None:
        """The description at `location`, fetched once for all the services that point there."""
        now = time.monotonic()
        told = self._told.get(location)
        if told is not None and (not told.done.is_set() or (told.epoch == epoch and told.fields)):
            return told
        if told is not None and told.epoch == epoch and now - told.at < RETRY:
            return told
        if told is None and sum(t.host == host for t in self._told.values()) >= PER_HOST:
            return None
        if told is None and len(self._told) >= MAX_DESCRIPTIONS:
            del self._told[next(iter(self._told))]
        told = self._told[location] = _Told(host, epoch, now)
        self._group.start_soon(self._fetch, location, told)
        return told

    async def _fetch(self, location: str, told: _Told) -> None:
        try:
            async with self._fetching:
                told.fields = await self._describe(location, told.host)
        except DeviceError as error:
            log.info("%s", error)
        finally:
            told.done.set()

    def _byebye(self, packet: Packet, host: str) -> None:
        """One service leaves; when the device itself does, so do all its services. Only its own host may say so."""
        whole = packet.kind == "upnp:rootdevice" or packet.kind.lower().startswith("uuid:")
        for key, entry in list(self._entries.items()):
            mine = key == (packet.kind, packet.usn) or (whole and key[1].split("::", 1)[0] == packet.uuid)
            if mine and any(bounds.same_machine(host, known) for known in entry.announcement.hosts):
                self._leave(key)

    def _leave(self, key: tuple[str, str]) -> None:
        entry = self._entries.pop(key)
        self._hear(replace(entry.announcement, gone=True))
        if not any(e.announcement.location == entry.announcement.location for e in self._entries.values()):
            self._told.pop(entry.announcement.location or "", None)

    async def _expire(self) -> None:
        while True:
            now = time.monotonic()
            for key in [key for key, entry in self._entries.items() if entry.expires <= now]:
                self._leave(key)
            soonest = min((entry.expires for entry in self._entries.values()), default=now + ROUND)
            self._changed = anyio.Event()
            with anyio.move_on_after(max(0.05, soonest - time.monotonic())):
                await self._changed.wait()


class _Datagrams(asyncio.DatagramProtocol):
    """Hands every packet on; errors of the network (a host that is not there) are nobody's concern here."""

    def __init__(self, received: Callable[[bytes, tuple[Any, ...]], None]) -> None:
        self._received = received

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        self._received(data, addr)

    def error_received(self, exc: Exception) -> None:
        log.debug("SSDP socket: %s", exc)


def _described(made: Announcement, told: Mapping[str, str] | None) -> Announcement:
    if not told:
        return made
    return replace(made, name=told.get("friendlyname") or made.name, fields={**told, **made.fields})


def _prepare(sock: socket.socket, *, six: bool) -> None:
    """Room for the burst that a search brings back; and no groups but ours.

    Linux hands a wildcard socket every group that any program joined on any interface, unless told not to.
    """
    ip_multicast_all, ipv6_multicast_all = 49, 29  # linux/in.h, linux/in6.h; Python does not name them
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    with suppress(OSError):
        sock.setsockopt(
            socket.IPPROTO_IPV6 if six else socket.IPPROTO_IP, ipv6_multicast_all if six else ip_multicast_all, 0
        )
