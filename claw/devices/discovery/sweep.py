"""A polite sweep of our own subnets for web servers that announce nothing. Only when a person asks for it.

It opens few connections a second, one address after the other, and reads nothing but the front page.
"""

from __future__ import annotations

import errno
import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio

from claw.devices.discovery import bounds
from claw.devices.discovery.interfaces import Interface
from claw.errors import Forbidden, UsageError
from claw.model.announcement import Announcement, Via

if TYPE_CHECKING:
    import aiohttp

PORTS = (80, 443, 8080, 8081, 1400, 9123, 8000, 8088, 8443)
RATE = 64.0  # connections started in a second
WIDEST = 22  # the prefix length of the largest network that is swept: 1022 addresses
PATIENCE = 1.0  # seconds for a connection
PAGE = 16 * 1024  # bytes of a front page
PAGE_TIMEOUT = 3.0
MAX_PORTS = 16
_TLS = (443, 8443)
_TITLE = re.compile(rb"<title[^>]*>([^<]{1,200})", re.IGNORECASE)


def plan(networks: Sequence[str], interfaces: Sequence[Interface]) -> tuple[ipaddress.IPv4Network, ...]:
    """What to sweep: `networks`, or without any the subnets of `interfaces`, each cut to the /22 around us.

    Raises Forbidden for a network that is not ours, UsageError for one that is too large or none at all.
    """
    own = [i.network for i in interfaces if isinstance(i.network, ipaddress.IPv4Network)]
    if not networks:
        addresses = [(i.address, max(i.prefix, WIDEST)) for i in interfaces if i.address.version == 4]  # noqa: PLR2004
        found = [ipaddress.IPv4Network(f"{address}/{prefix}", strict=False) for address, prefix in addresses]
        return tuple(dict.fromkeys(found))
    return tuple(_checked(raw, own) for raw in networks)


def _checked(raw: str, own: Sequence[ipaddress.IPv4Network]) -> ipaddress.IPv4Network:
    try:
        network = ipaddress.IPv4Network(raw, strict=False)
    except ValueError:
        raise UsageError(f"{raw!r} is no IPv4 network; write it like 192.168.1.0/24.") from None
    if not any(network.subnet_of(mine) for mine in own):
        have = ", ".join(map(str, own)) or "none"
        raise Forbidden(f"{network} is not a network of this machine, so it is not swept; its own: {have}.")
    if network.prefixlen < WIDEST:
        raise UsageError(f"{network} is too large to sweep politely; name parts of at most /{WIDEST}.")
    return network


async def sweep(
    networks: Sequence[ipaddress.IPv4Network],
    session: aiohttp.ClientSession,
    found: Callable[[Announcement], None],
    *,
    ports: Sequence[int] = PORTS,
    rate: float = RATE,
) -> None:
    """Try every address and port once; what answers HTTP is told to `found` as it is found."""
    dead: set[str] = set()
    async with anyio.create_task_group() as group:
        for host, port in _targets(networks, ports[:MAX_PORTS]):
            if host in dead:
                continue
            group.start_soon(_try, host, port, session, found, dead)
            await anyio.sleep(1 / rate)


def _targets(networks: Sequence[ipaddress.IPv4Network], ports: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Port by port across all addresses, so that no machine sees a burst."""
    for port in ports:
        for network in networks:
            for host in network.hosts():
                yield str(host), port


async def _try(
    host: str, port: int, session: aiohttp.ClientSession, found: Callable[[Announcement], None], dead: set[str]
) -> None:
    try:
        with anyio.fail_after(PATIENCE):
            stream = await anyio.connect_tcp(host, port)
        await stream.aclose()
    except TimeoutError:
        return
    except OSError as error:
        if isinstance(error.__cause__, OSError) and error.__cause__.errno in _UNREACHABLE:
            dead.add(host)
        return
    if (announcement := await _front_page(host, port, session)) is not None:
        found(announcement)


_UNREACHABLE = {errno.EHOSTUNREACH, errno.ENETUNREACH}


async def _front_page(host: str, port: int, session: aiohttp.ClientSession) -> Announcement | None:
    """What the web server calls itself; None when it does not speak HTTP."""
    import aiohttp  # noqa: PLC0415 - 200 ms that a start without a sweep need not pay

    url = f"{'https' if port in _TLS else 'http'}://{host}:{port}/"
    with suppress(aiohttp.ClientError, TimeoutError, ValueError, OSError), anyio.fail_after(PAGE_TIMEOUT):
        headers = {"Accept-Encoding": "identity"}
        # a device's certificate is its own make; nothing is sent that would need protection
        async with session.get(url, allow_redirects=False, headers=headers, ssl=False) as answer:
            body = await answer.content.read(PAGE)
            title = _TITLE.search(body)
            told = {
                "status": str(answer.status),
                "server": bounds.text(answer.headers.get("Server", "")),
                "title": bounds.text(title[1]) if title else "",
                "realm": bounds.text(answer.headers.get("WWW-Authenticate", "")),
            }
            fields = {key: value for key, value in told.items() if value}
            name = fields.get("title") or fields.get("server") or f"{host}:{port}"
            return Announcement(Via.SWEEP, "http", f"{name} ({host}:{port})", (host,), port, fields, url)
    return None
