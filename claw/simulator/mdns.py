"""Multicast DNS announcements on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from anyio.abc import TaskGroup
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

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._zeroconf = AsyncZeroconf(interfaces=[LOOPBACK])
        self._announced: dict[str, list[ServiceInfo]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._zeroconf.async_close()

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
        self._tasks.start_soon(
            _finish, await self._zeroconf.async_register_service(info, cooperating_responders=True)
        )

    async def update(self, info: ServiceInfo) -> None:
        """Tell of a service's new address or TXT record."""
        self._tasks.start_soon(_finish, await self._zeroconf.async_update_service(info))

    async def unregister(self, info: ServiceInfo) -> None:
        """Say goodbye for a service."""
        self._tasks.start_soon(_finish, await self._zeroconf.async_unregister_service(info))

    async def withdraw(self, owner: str) -> None:
        """Say goodbye for everything that `owner` announced."""
        await self.announce(owner, LOOPBACK, ())


async def _finish(broadcast: object) -> None:
    await broadcast  # type: ignore[misc]  # zeroconf types its futures as bare Awaitable


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
