"""Discovery as one service: every source, one table, each change published once and handed on in order."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Protocol

import anyio
import anyio.abc

from claw.bus import Bus
from claw.devices.discovery.interfaces import Interface, Neighbourhood, bindable, chosen
from claw.devices.discovery.table import Key, Table
from claw.model.announcement import Announcement
from claw.model.context import Context
from claw.model.events import Announced

if TYPE_CHECKING:
    import aiohttp
    from zeroconf.asyncio import AsyncZeroconf

log = logging.getLogger(__name__)

OnAnnouncement = Callable[[Announcement], Awaitable[object]]


class Source(Protocol):
    """One way in which the LAN tells what is there."""

    async def run(self, *, task_status: anyio.abc.TaskStatus[None]) -> None:
        """Listen until cancelled; started once it hears."""
        ...

    async def search(self) -> None:
        """Ask now."""
        ...


class Discovery:
    """Publishes `Announced` for each change and awaits `on_announcement` for the latest of each service.

    `interfaces`: addresses of this machine to look from; without any, all but loopback. Announcements that claim a
    loopback address count only when one of `interfaces` is loopback. `session`: used for descriptions, else its own.
    `problems`: why a source is not running, one line each.
    """

    def __init__(
        self,
        bus: Bus,
        interfaces: Sequence[str] = (),
        on_announcement: OnAnnouncement | None = None,
        *,
        session: aiohttp.ClientSession | None = None,
        targets: Sequence[str] = (),
    ) -> None:
        self._bus = bus
        self._only = tuple(interfaces)
        self._on_announcement = on_announcement
        self._session = session
        self._targets = tuple(targets)
        self._table = Table()
        self._sources: dict[str, Source] = {}
        self._interfaces: tuple[Interface, ...] = ()
        self._pending: dict[Key, Announcement] = {}
        self._news = anyio.Event()
        self.problems: tuple[str, ...] = ()

    @property
    def announcements(self) -> tuple[Announcement, ...]:
        """What stands announced now."""
        return self._table.all()

    @property
    def zeroconf(self) -> AsyncZeroconf | None:
        """The one mDNS socket of the house, for HomeKit to share; it already browses both `_hap` types."""
        from claw.devices.discovery.mdns import Mdns  # noqa: PLC0415 - the sources are loaded when they are wanted

        source = self._sources.get("mDNS")
        return source.zeroconf if isinstance(source, Mdns) else None

    async def check(self) -> None:
        """Raise SettingsError when an interface is not one of this machine's, as `run` would."""
        if self._only and not all(map(bindable, self._only)):
            await anyio.to_thread.run_sync(chosen, self._only)

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Discover until cancelled. Raises SettingsError when an interface is not one of this machine's."""
        from claw.devices.discovery.mdns import Mdns  # noqa: PLC0415 - a start serves before it discovers
        from claw.devices.discovery.ssdp import Ssdp  # noqa: PLC0415
        from claw.devices.discovery.udp_kasa import Kasa  # noqa: PLC0415

        self._interfaces = await anyio.to_thread.run_sync(chosen, self._only)
        allows = Neighbourhood(self._interfaces).allows
        sources: dict[str, Source] = {
            "mDNS": Mdns(self._interfaces, self.hear, allows),
            "SSDP": Ssdp(self._interfaces, self.hear, allows, self._describe),
            "Kasa": Kasa(self._interfaces, self.hear, allows, self._targets),
        }
        async with AsyncExitStack() as stack:
            if self._session is None:
                self._session = await stack.enter_async_context(await _own_session())
                stack.callback(setattr, self, "_session", None)
            group = await stack.enter_async_context(anyio.create_task_group())
            stack.callback(self._sources.clear)
            for name, source in sources.items():
                await self._start(group, name, source)
            group.start_soon(self._hand_on)
            task_status.started()
            await anyio.sleep_forever()

    async def search(self, seconds: float) -> tuple[Announcement, ...]:
        """Ask everywhere now, wait, and return what stands announced then."""
        with anyio.move_on_after(seconds):
            async with anyio.create_task_group() as group:
                for source in self._sources.values():
                    group.start_soon(source.search)
                await anyio.sleep(seconds)
        return self.announcements

    async def sweep(
        self,
        networks: Sequence[str] = (),
        ports: Sequence[int] = (),
        *,
        rate: float = 0.0,
    ) -> tuple[Announcement, ...]:
        """Look for silent web servers in our own subnets; returns those found. Raises Forbidden for others.

        `ports` and `rate`: what `sweep` has, unless given.
        """
        from claw.devices.discovery import sweep as sweeping  # noqa: PLC0415 - loaded when somebody wants it

        interfaces = self._interfaces or await anyio.to_thread.run_sync(chosen, self._only)
        planned = sweeping.plan(networks, interfaces)
        found: list[Announcement] = []

        def hear(announcement: Announcement) -> None:
            found.append(announcement)
            self.hear(announcement)

        async with AsyncExitStack() as stack:
            session = self._session
            if session is None:
                session = await stack.enter_async_context(await _own_session())
            await sweeping.sweep(planned, session, hear, ports=ports or sweeping.PORTS, rate=rate or sweeping.RATE)
        return tuple(found)

    def hear(self, announcement: Announcement) -> None:
        """Take in one announcement from any source; repeats stop here."""
        if not self._table.put(announcement):
            return
        self._bus.publish(Announced(context=Context.new(f"discovery:{announcement.via}"), announcement=announcement))
        if self._on_announcement is not None:
            self._pending.pop(announcement.key, None)  # the latest of a service is enough, at its new place
            self._pending[announcement.key] = announcement
            self._news.set()

    async def _start(self, group: anyio.abc.TaskGroup, name: str, source: Source) -> None:
        """Start a source; the house does without one whose port is taken, and says so."""
        if not self._interfaces:
            self.problems = ("This machine has no network; connect it, then restart Claw to discover devices.",)
            return
        try:
            await group.start(source.run)
        except OSError as error:
            problem = f"{name} does not run: {error.strerror or error}; stop what holds its port, then restart Claw."
            self.problems = (*self.problems, problem)
            log.warning("%s", problem)
        else:
            self._sources[name] = source

    async def _hand_on(self) -> None:
        while self._on_announcement is not None:
            await self._news.wait()
            self._news = anyio.Event()
            while self._pending:
                announcement = self._pending.pop(next(iter(self._pending)))
                try:
                    await self._on_announcement(announcement)
                except Exception:  # one strange device must not end the discovery of the others
                    log.exception("could not take in %s %r", announcement.kind, announcement.name)

    async def _describe(self, location: str, source: str) -> Mapping[str, str]:
        assert self._session is not None  # noqa: S101 - run() holds one for as long as its sources live
        from claw.devices.discovery.describe import describe  # noqa: PLC0415 - loaded with the first device

        return (await describe(location, source, self._session)).fields


async def _own_session() -> aiohttp.ClientSession:
    await anyio.to_thread.run_sync(importlib.import_module, "aiohttp")  # 200 ms: not on the loop, not at start-up
    import aiohttp  # noqa: PLC0415 - loaded by the line above

    connector = aiohttp.TCPConnector(limit=64, limit_per_host=4, force_close=True)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False)
