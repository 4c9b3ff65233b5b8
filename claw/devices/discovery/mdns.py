"""mDNS and DNS-SD through zeroconf: well-known types at once, all others as the meta-query names them.

Questions are multicast ones only: where several programs share port 5353, a unicast answer reaches just one of them.
"""

from __future__ import annotations

import importlib
import logging
import random
import re
import socket
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

import anyio
import anyio.abc

from claw.devices.discovery import bounds
from claw.devices.discovery.interfaces import Interface
from claw.devices.discovery.kinds import HAP, WELL_KNOWN
from claw.model.announcement import Announcement, Via

if TYPE_CHECKING:
    from zeroconf import RecordUpdate, RecordUpdateListener, ServiceStateChange, Zeroconf
    from zeroconf.asyncio import AsyncServiceBrowser, AsyncServiceInfo, AsyncZeroconf

log = logging.getLogger(__name__)

META = "_services._dns-sd._udp.local."
ROUND = 180.0  # seconds between questions for new types, give or take a fifth
RECEIVE_BUFFER = 1024 * 1024  # bytes; the kernel may give less
MAX_TYPES = 256
MAX_SERVICES = 4096
MAX_RESOLVING = 256  # services whose records we ask for at the same time
_QUERY, _PTR, _IN = 0, 12, 1  # RFC 1035
PATIENCE = 3000  # milliseconds for the records of one service
_TYPE = re.compile(r"_[a-zA-Z0-9](?:[a-zA-Z0-9_-]{0,30})\._(?:tcp|udp)\.local\.")


class Mdns:
    """Everything that announces itself by mDNS, told to `hear` as it comes, changes and goes."""

    def __init__(
        self,
        interfaces: Sequence[Interface],
        hear: Callable[[Announcement], None],
        allows: Callable[[str], bool],
    ) -> None:
        self._interfaces = interfaces
        self._hear = hear
        self._allows = allows
        self._known: dict[tuple[str, str], Announcement] = {}
        self._unresolved: dict[tuple[str, str], bool] = {}  # the value: asked for in vain
        self._resolving: set[tuple[str, str]] = set()
        self._browsers: dict[str, AsyncServiceBrowser] = {}
        self._group: anyio.abc.TaskGroup
        self.zeroconf: AsyncZeroconf | None = None

    async def run(self, *, task_status: anyio.abc.TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Browse until cancelled; started once the sockets are open. Raises OSError when they cannot be."""
        library = await anyio.to_thread.run_sync(importlib.import_module, "zeroconf.asyncio")
        self.zeroconf = library.AsyncZeroconf(interfaces=self._sockets())
        try:
            await self.zeroconf.zeroconf.async_wait_for_start()
            for reader in self.zeroconf.zeroconf.engine.readers:  # a full house answers all at once
                reader.transport.get_extra_info("socket").setsockopt(
                    socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER
                )
            async with anyio.create_task_group() as self._group:
                # one browser for both: it is also the one that a HomeKit controller looks for
                self._browse(HAP)
                self._browse(WELL_KNOWN)
                self._browsers[META] = self._browser([META], self._type_seen)
                self.zeroconf.zeroconf.async_add_listener(_new_types(self._type_named), None)
                task_status.started()
                while True:
                    await anyio.sleep(ROUND * random.uniform(0.8, 1.2))  # noqa: S311 - not in step with others
                    self._ask([META])  # the library asks at the start only
                    self._unresolved = dict.fromkeys(self._unresolved, False)
                    self._resolve_next(MAX_RESOLVING)
        finally:
            closing, self.zeroconf = self.zeroconf, None
            with anyio.CancelScope(shield=True):
                for browser in set(self._browsers.values()):
                    await browser.async_cancel()
                self._browsers.clear()
                await closing.async_close()

    async def search(self) -> None:
        """Ask for every type again, now; answers arrive through `hear`."""
        self._ask(self._browsers)

    def _ask(self, types: Iterable[str]) -> None:
        # exported for long-time users, though not listed in __all__
        from zeroconf import DNSOutgoing, DNSQuestion  # type: ignore[attr-defined]  # noqa: PLC0415 - loaded by run()

        if self.zeroconf is None:
            return
        question = DNSOutgoing(_QUERY)
        for type_ in types:
            question.add_question(DNSQuestion(type_, _PTR, _IN))
        self.zeroconf.zeroconf.async_send(question)

    def _sockets(self) -> list[str | int | tuple[tuple[str, int, int], int]]:
        """IPv4 interfaces by address, IPv6 ones by index."""
        addresses = [str(i.address) for i in self._interfaces if i.address.version == 4]  # noqa: PLR2004 - IPv4
        indexes = {i.index for i in self._interfaces if i.address.version == 6}  # noqa: PLR2004 - IPv6
        return [*addresses, *sorted(indexes)]

    def _browser(self, types: list[str], listener: Callable[..., None]) -> AsyncServiceBrowser:
        from zeroconf import DNSQuestionType  # noqa: PLC0415 - loaded by run()
        from zeroconf.asyncio import AsyncServiceBrowser  # noqa: PLC0415

        assert self.zeroconf is not None  # noqa: S101 - only called while running
        return AsyncServiceBrowser(
            self.zeroconf.zeroconf, types, handlers=[listener], question_type=DNSQuestionType.QM
        )

    def _browse(self, kinds: Sequence[str]) -> None:
        types = [f"{kind}.local." for kind in kinds]
        browser = self._browser(types, self._service_seen)
        self._browsers.update(dict.fromkeys(types, browser))

    def _type_seen(self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        del zeroconf, service_type, state_change
        self._type_named(name)

    def _type_named(self, name: str) -> None:
        """Browse a type that somebody named; subtypes and nonsense are passed over.

        The library's browser hears only the spelling that it was given (PowerView gateways say `_PowerView-G3._tcp`).
        """
        from zeroconf import BadTypeInNameException  # noqa: PLC0415 - loaded by run()

        if not _TYPE.fullmatch(name) or name in self._browsers or len(self._browsers) >= MAX_TYPES:
            return
        try:
            self._browse([name.removesuffix(".local.")])
        except BadTypeInNameException:
            log.debug("not a service type: %r", name)

    def _service_seen(
        self, zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange
    ) -> None:
        from zeroconf import BadTypeInNameException, ServiceStateChange  # noqa: PLC0415 - loaded by run()
        from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

        if state_change is ServiceStateChange.Removed:
            self._unresolved.pop((service_type, name), None)
            if (known := self._known.pop((service_type, name), None)) is not None:
                self._hear(_gone(known))
            return
        try:
            info = AsyncServiceInfo(service_type, name)
        except BadTypeInNameException:
            return
        if info.load_from_cache(zeroconf):
            self._tell(info)
        elif len(self._unresolved) < MAX_SERVICES:
            self._unresolved[service_type, name] = False
            self._resolve_next(1)

    def _resolve_next(self, count: int) -> None:
        """Ask for the records of up to `count` services that are waiting, as far as there is room."""
        waiting = (key for key, tried in self._unresolved.items() if not tried and key not in self._resolving)
        for key in list(islice(waiting, min(count, MAX_RESOLVING - len(self._resolving)))):
            self._resolving.add(key)
            self._group.start_soon(self._resolve, *key)

    async def _resolve(self, service_type: str, name: str) -> None:
        """Ask for the records of a service; one that has an address but never a TXT record is told too."""
        from zeroconf import DNSQuestionType  # noqa: PLC0415 - loaded by run()
        from zeroconf.asyncio import AsyncServiceInfo  # noqa: PLC0415

        key = (service_type, name)
        info = AsyncServiceInfo(*key)
        try:
            if self.zeroconf is not None:
                await info.async_request(self.zeroconf.zeroconf, PATIENCE, DNSQuestionType.QM)
        finally:
            self._resolving.discard(key)
        if key in self._unresolved:  # it may have said goodbye meanwhile
            self._tell(info)
            if key in self._known:
                del self._unresolved[key]
            else:
                self._unresolved[key] = True
        self._resolve_next(1)

    def _tell(self, info: AsyncServiceInfo) -> None:
        key = (info.type, info.name)
        announcement = announcement_of(info, self._allows)
        if announcement is None or self._known.get(key) == announcement:
            return
        if key not in self._known and len(self._known) >= MAX_SERVICES:
            return
        self._known[key] = announcement
        self._hear(announcement)


def _new_types(named: Callable[[str], None]) -> RecordUpdateListener:
    """Names the type of each service that announces itself unasked, so that an unheard-of type need not wait."""
    from zeroconf import RecordUpdateListener  # noqa: PLC0415 - loaded by run()

    class Types(RecordUpdateListener):
        def __init__(self) -> None:
            self._seen: set[str] = set()

        def async_update_records(self, zc: Zeroconf, now: float, records: list[RecordUpdate]) -> None:
            del zc, now
            self._seen |= {update.new.name for update in records if update.new.type == _PTR}

        def async_update_records_complete(self) -> None:
            seen, self._seen = self._seen, set()
            for name in seen:
                named(name)

    return Types()


def announcement_of(info: AsyncServiceInfo, allows: Callable[[str], bool]) -> Announcement | None:
    """What a resolved service says, bounded; None while no address of it may be talked to."""
    hosts = [host for raw in info.parsed_scoped_addresses() if (host := bounds.host(raw)) and allows(host)]
    hosts.sort(key=_preference)
    if not hosts:
        return None
    fields = bounds.fields(_txt(info))
    fields.pop("usn", None)  # a word of SSDP, where it tells announcements apart
    if info.server:
        fields["hostname"] = bounds.text(info.server.rstrip("."))
    kind = info.type.lower().removesuffix(".local.")
    name = bounds.text(info.name.removesuffix("." + info.type)) or kind
    return Announcement(Via.MDNS, kind, name, tuple(dict.fromkeys(hosts))[:8], info.port or 0, fields)


def _txt(info: AsyncServiceInfo) -> list[tuple[Any, Any]]:
    return list(info.properties.items())[: bounds.MAX_FIELDS]


def _preference(host: str) -> tuple[bool, bool]:
    """IPv4 first, addresses that work only on one link last."""
    return (":" in host, host.startswith("fe80"))


def _gone(known: Announcement) -> Announcement:
    return Announcement(known.via, known.kind, known.name, known.hosts, known.port, known.fields, gone=True)
