"""Multicast DNS announcements on the loopback interface."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class MdnsService:
    """One service instance: `kind` without domain (`_hue._tcp`), its name, port and TXT record."""

    kind: str
    name: str
    port: int
    txt: Mapping[str, str] = field(default_factory=dict)
    host: str = ""


class Mdns:
    """Answers for every device of the house. Names are unique by construction, so nothing is probed for."""

    def __init__(self) -> None:
        self._zeroconf = AsyncZeroconf(interfaces=[LOOPBACK])
        self._announced: dict[str, list[ServiceInfo]] = {}
        self._broadcasts: set[asyncio.Future[None]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._zeroconf.async_close()
        for broadcast in self._broadcasts:
            broadcast.cancel()  # repetitions of what is not true any more
        await asyncio.gather(*self._broadcasts, return_exceptions=True)

    async def announce(self, owner: str, address: str, services: Iterable[MdnsService]) -> None:
        """Announce exactly these services for `owner`: new ones appear, changed ones are updated, others leave."""
        before = {info.name: info for info in self._announced.pop(owner, [])}
        infos = [_info(service, address) for service in services]
        for info in infos:
            known = before.pop(info.name, None)
            await (self.register(info) if known is None else self.update(info))
        self._announced[owner] = infos
        for info in before.values():
            await self.unregister(info)

    async def register(self, info: ServiceInfo) -> None:
        """Answer for a service from now on; its broadcasts go out meanwhile."""
        self._follow(await self._zeroconf.async_register_service(info, cooperating_responders=True))

    async def update(self, info: ServiceInfo) -> None:
        """Tell of a service's new address or TXT record."""
        self._follow(await self._zeroconf.async_update_service(info))

    async def unregister(self, info: ServiceInfo) -> None:
        """Say goodbye for a service."""
        self._follow(await self._zeroconf.async_unregister_service(info))

    def _follow(self, broadcast: Awaitable[None]) -> None:
        """Keep a broadcast, which goes out three times within half a second, until it is done."""
        future = asyncio.ensure_future(broadcast)  # noqa: TID251 - zeroconf has started it; this only names it
        self._broadcasts.add(future)
        future.add_done_callback(self._broadcasts.discard)

    async def withdraw(self, owner: str) -> None:
        """Say goodbye for everything that `owner` announced."""
        await self.announce(owner, LOOPBACK, ())


def _info(service: MdnsService, address: str) -> ServiceInfo:
    kind = f"{service.kind}.local."
    host = service.host or service.name.replace(" ", "-").replace(".", "-")
    return ServiceInfo(
        kind,
        f"{service.name}.{kind}",
        port=service.port,
        properties=dict(service.txt),
        server=f"{host}.local.",
        parsed_addresses=[address],
    )
