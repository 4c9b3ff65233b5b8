"""SSDP on the loopback interface: searches answered, arrivals and departures told (UPnP Architecture 1.1, 1)."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

GROUP = ("239.255.255.250", 1900)
LOOPBACK = "127.0.0.1"
MAX_AGE = 1800


@dataclass(frozen=True, slots=True)
class SsdpDevice:
    """One root device: its UUID-form USN prefix, description URL, further types, and vendor headers."""

    uuid: str
    location: str
    types: tuple[str, ...]
    server: str
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Every (NT, USN) that it announces."""
        root = f"uuid:{self.uuid}"
        return ((root, root), *((kind, f"{root}::{kind}") for kind in ("upnp:rootdevice", *self.types)))


class Ssdp(asyncio.DatagramProtocol):
    """Speaks for every device of the house; each answer comes from the device's own address."""

    def __init__(self) -> None:
        self._devices: dict[str, tuple[str, SsdpDevice]] = {}
        self._senders: dict[str, socket.socket] = {}
        self._transport: asyncio.BaseTransport | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=_listener())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for owner in list(self._devices):
            self.withdraw(owner)
        if self._transport is not None:
            self._transport.close()
        for sender in self._senders.values():
            sender.close()

    def announce(self, owner: str, address: str, device: SsdpDevice) -> None:
        """Answer for `device` from `address` from now on, and say that it is alive."""
        self._devices[owner] = (address, device)
        lines = {
            "CACHE-CONTROL": f"max-age={MAX_AGE}",
            "LOCATION": device.location,
            "SERVER": device.server,
            **device.headers,
        }
        self._notify(address, device, "ssdp:alive", lines)

    def withdraw(self, owner: str) -> None:
        """Say byebye and answer no more."""
        address, device = self._devices.pop(owner, ("", None))
        if device is not None:
            self._notify(address, device, "ssdp:byebye", {})

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer an M-SEARCH for each device and type that it asks for."""
        lines = data.decode("latin-1").splitlines()
        if not lines or not lines[0].upper().startswith("M-SEARCH"):
            return
        headers = {
            key.strip().upper(): value.strip() for key, _, value in (line.partition(":") for line in lines[1:])
        }
        wanted = headers.get("ST", "")
        if headers.get("MAN", "").strip('"') != "ssdp:discover":
            return
        for address, device in self._devices.values():
            for kind, usn in device.pairs:
                if wanted in ("ssdp:all", kind):
                    self._send(address, _message("HTTP/1.1 200 OK", _answer(device, kind, usn)), addr)

    def _notify(self, address: str, device: SsdpDevice, what: str, extra: Mapping[str, str]) -> None:
        for kind, usn in device.pairs:
            lines = {"HOST": f"{GROUP[0]}:{GROUP[1]}", "NT": kind, "NTS": what, "USN": usn, **extra}
            self._send(address, _message("NOTIFY * HTTP/1.1", lines), GROUP)

    def _send(self, address: str, message: bytes, to: tuple[str, int]) -> None:
        sender = self._senders.get(address)
        if sender is None:
            sender = self._senders[address] = _sender(address)
        with contextlib.suppress(OSError):  # a full buffer loses a datagram, as a LAN would
            sender.sendto(message, to)


def _answer(device: SsdpDevice, kind: str, usn: str) -> dict[str, str]:
    return {
        "CACHE-CONTROL": f"max-age={MAX_AGE}",
        "EXT": "",
        "LOCATION": device.location,
        "SERVER": device.server,
        "ST": kind,
        "USN": usn,
        **device.headers,
    }


def _message(first: str, headers: Mapping[str, str]) -> bytes:
    lines: Iterable[str] = (first, *(f"{key}: {value}" for key, value in headers.items()), "", "")
    return "\r\n".join(lines).encode()


def _listener() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.settimeout(0)
    # bound to the group, Linux hands over group traffic only; elsewhere that bind is refused
    sock.bind((GROUP[0] if sys.platform == "linux" else "", GROUP[1]))
    membership = socket.inet_aton(GROUP[0]) + socket.inet_aton(LOOPBACK)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    return sock


def _sender(address: str) -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 2)
    sock.settimeout(0)
    sock.bind((address, 0))
    return sock
