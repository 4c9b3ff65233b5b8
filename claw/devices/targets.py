"""Which device a person means: a thing, a device, or an address they give us."""

from __future__ import annotations

import ipaddress
import re
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

import anyio

from claw.devices.names import spoken
from claw.devices.registry import Registry
from claw.errors import DeviceOffline, NotFound, UsageError
from claw.model.announcement import Announcement, Via
from claw.model.context import Context
from claw.model.device import Device

PORTS = {"http": 80, "https": 443, "mqtt": 1883, "mqtts": 8883, "rtsp": 554}
MAX_TARGET = 512
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,252})")


class Address(NamedTuple):
    """An address that a person gave."""

    scheme: str
    host: str
    port: int
    path: str


def address(target: str) -> Address | None:
    """`http://host:port/path`, `host:port`, an IP address, or a dotted name; None when it is none of these."""
    text = target.strip()
    bare = text.strip("[]")
    if ":" in bare and "//" not in text and _is_ip(bare):
        text = f"[{bare}]"
    try:
        parts = urlsplit(text if "//" in text else f"http://{text}")
        port = parts.port
    except ValueError:
        return None
    host = parts.hostname or ""
    named = "//" in text or port is not None
    local = host == "localhost" or "." in host
    if parts.scheme not in PORTS or not (_is_ip(host) or (_HOST.fullmatch(host) and (named or local))):
        return None
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return Address(parts.scheme, host, port or PORTS[parts.scheme], path)


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


async def locate(registry: Registry, target: str, context: Context) -> Device:
    """The device that `target` means: a thing or device by id or name, else the machine at an address.

    Raises UsageError for a name that fits several, NotFound for one that fits none, DeviceOffline for a host name
    that nobody knows.
    """
    if len(target) > MAX_TARGET:
        raise UsageError(f"A name or address has at most {MAX_TARGET} characters.")
    found = _named(registry, target)
    if len(found) > 1:
        listed = ", ".join(f"{device.title} ({device.id})" for device in found.values())
        raise UsageError(f"{target!r} fits several: {listed}. Say which by its id.")
    if found:
        return next(iter(found.values()))
    given = address(target)
    if given is None:
        raise NotFound(
            f"Nothing here is called {target!r}. `claw discover` lists what is on the network; an address works too."
        )
    device = await registry.meet(await _announcement(given), context)
    if device is None:
        raise NotFound(f"No more devices can be kept; forget some before adopting {target!r}.")
    return device


def _named(registry: Registry, target: str) -> dict[str, Device]:
    if target in registry.devices:
        return {target: registry.devices[target]}
    by_thing = {thing.device_id for thing in registry.find(target)}
    name = spoken(target)
    by_title = {device.id for device in registry.devices.values() if spoken(device.title) == name}
    return {id_: registry.devices[id_] for id_ in by_thing or by_title if id_ in registry.devices}


async def _announcement(given: Address) -> Announcement:
    """What a person told us, as if the machine had said it itself. The kind says no more than they did."""
    hosts: tuple[str, ...]
    if _is_ip(given.host):
        hosts = (given.host,)
    else:
        try:
            infos = await anyio.getaddrinfo(given.host, given.port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise DeviceOffline(f"Nobody on this network is called {given.host!r}; give its IP address.") from error
        # IPv4 first, as everywhere
        hosts = tuple(dict.fromkeys(str(info[4][0]) for info in sorted(infos, key=lambda info: info[0])))
    kind = {"https": "http", "mqtts": "mqtt"}.get(given.scheme, given.scheme)
    where = f"[{hosts[0]}]" if ":" in hosts[0] else hosts[0]
    return Announcement(
        via=Via.CONFIGURED,
        kind=kind,
        name=given.host,
        hosts=hosts,
        port=given.port,
        location=f"{given.scheme}://{where}:{given.port}{'' if given.path.startswith('/') else '/'}{given.path}",
    )
