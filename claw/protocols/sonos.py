"""Sonos players through SoCo, which runs in worker threads, and their events through our own subscriptions.

Hrefs are members. Read: `device`, `transport` (`{"state", "title", "group"}`), `volume`, `mute`; written: `volume`,
`mute`; actions: `play`, `pause`, `stop`, `next`, `previous` (for the whole group), `join` (`{"group": room}`),
`leave`, `play_favourite` (`{"name": title}`). Observed: `transport`, `volume`, `mute`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import anyio
from anyio import CapacityLimiter, to_thread

from claw.errors import DeviceTimeout, NotSupported
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols.binding import DEFAULT_TIMEOUT, Secrets
from claw.protocols.flights import Flights
from claw.protocols.gena import Gena
from claw.protocols.http_wire import CONNECT_TIMEOUT, HttpWire
from claw.protocols.mailbox import Mailbox
from claw.protocols.sonos_post import CALL, Call, neighbour

if TYPE_CHECKING:
    from soco import SoCo  # type: ignore[import-untyped]

    Job = Callable[[SoCo], Json]

THREADS = 4
PATIENCE = 3  # times the timeout: an action is several exchanges, and a favourite comes from a cloud
TRANSPORT = "/MediaRenderer/AVTransport/Event"
RENDERING = "/MediaRenderer/RenderingControl/Event"
TOPOLOGY = "/ZoneGroupTopology/Event"
READS = {"device", "transport", "volume", "mute"}
WRITES = {"volume", "mute"}
SIMPLE = {"play", "stop", "next", "previous"}
NAMED = {"join": ("group", "room", "name"), "play_favourite": ("name", "title")}


class Sonos:
    """The `sonos` binding."""

    name = "sonos"

    def __init__(
        self, secrets: Secrets, *, timeout: float = DEFAULT_TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT
    ) -> None:
        self._wire = HttpWire(secrets, timeout=timeout, connect_timeout=connect_timeout)
        self._events = Gena(self._wire)
        self._flights = Flights()
        self._threads = CapacityLimiter(THREADS)
        self._timeout = timeout
        self._met: set[Endpoint] = set()

    async def read(self, target: Target) -> Json:
        """A member's present value; identical reads at the same time share one exchange."""
        member = _member(target, READS)
        endpoint = _plain(target.endpoint)
        return await self._flights.share((endpoint, member), partial(self._run, endpoint, member))

    async def write(self, target: Target, payload: Json) -> Json:
        """Set `volume` (0 to 100) or `mute`."""
        return await self._run(_plain(target.endpoint), f"set_{_member(target, WRITES)}", payload)

    async def invoke(self, target: Target, payload: Json) -> Json:
        """Run an action; play, pause and the like go to the group's coordinator."""
        member = _member(target, SIMPLE | {"pause", "leave"} | set(NAMED))
        words = (_name(member, payload, NAMED[member]),) if member in NAMED else ()
        return await self._run(_plain(target.endpoint), member, *words, patience=PATIENCE)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """Yield a member's value whenever the player says that it changed."""
        member = _member(target, READS - {"device"})
        watch = self._transport if member == "transport" else self._rendering
        async for payload in watch(target, member):
            yield payload

    async def forget(self, endpoint: Endpoint) -> None:
        """Drop the player's subscriptions and what SoCo keeps of it."""
        endpoint = _plain(endpoint)
        await self._events.forget(endpoint)
        self._wire.forget(endpoint)
        if endpoint in self._met:
            self._met.discard(endpoint)
            from claw.protocols import sonos_player  # noqa: PLC0415 - loaded when the player was met

            sonos_player.forget(endpoint.host, endpoint.port)

    async def aclose(self) -> None:
        """Close the session, the event server and everything SoCo keeps."""
        for endpoint in tuple(self._met):
            await self.forget(endpoint)
        await self._events.aclose()
        await self._wire.aclose()

    async def _rendering(self, target: Target, member: str) -> AsyncGenerator[Json, None]:
        box = Mailbox()
        subscription = await self._events.join(_plain(target.endpoint), RENDERING, box)
        last: Json = None
        try:
            while True:
                state = await self._events.next(box, subscription)
                value = _rendered(member, state)
                if value is not None and value != last:
                    last = value
                    yield value
        finally:
            await self._events.leave(subscription, box)

    async def _transport(self, target: Target, _: str) -> AsyncGenerator[Json, None]:
        """Its own topology events and its coordinator's transport events say when; a fresh read says what."""
        endpoint, box = _plain(target.endpoint), Mailbox()
        joined = {TOPOLOGY: await self._events.join(endpoint, TOPOLOGY, box)}
        last: Json = None
        try:
            while True:
                leader = await self._leader(endpoint)
                if TRANSPORT not in joined or joined[TRANSPORT].endpoint != leader:
                    if old := joined.pop(TRANSPORT, None):
                        await self._events.leave(old, box)
                    joined[TRANSPORT] = await self._events.join(leader, TRANSPORT, box)
                value = await self.read(target)
                if value != last:
                    last = value
                    yield value
                await self._events.next(box, *joined.values())
                while box:  # one read answers a burst
                    box.take()
        finally:
            for subscription in joined.values():
                await self._events.leave(subscription, box)

    async def _leader(self, endpoint: Endpoint) -> Endpoint:
        place = await self._run(endpoint, "address")
        host, port = place if isinstance(place, list) else (endpoint.host, endpoint.port)
        return neighbour(endpoint, str(host), int(str(port)))

    async def _run(self, endpoint: Endpoint, member: str, *words: Json, patience: int = 1) -> Json:
        """Do it in a thread, in bounded time. Raises only the DeviceError family."""
        if ":" in endpoint.host:
            raise NotSupported("Sonos players speak IPv4 only.")
        self._met.add(endpoint)
        within = self._timeout * patience
        token = CALL.set(Call(self._wire, endpoint, within))
        try:
            with anyio.fail_after(within):
                return await to_thread.run_sync(_work, endpoint, member, words, limiter=self._threads)
        except (TimeoutError, CancelledError) as error:
            # the thread's exchange was cancelled with us; an outer cancellation goes on from here
            await anyio.lowlevel.checkpoint()
            raise DeviceTimeout(f"{endpoint.host}:{endpoint.port} did not answer in time. Try again.") from error
        finally:
            CALL.reset(token)


def _work(endpoint: Endpoint, member: str, words: tuple[Json, ...]) -> Json:
    """In the thread: import SoCo on first use, and run."""
    from claw.protocols import sonos_player  # noqa: PLC0415 - half a second that start-up must not pay

    job: Job
    if member in SIMPLE:
        job = partial(_simple, sonos_player.coordinator, member)
    else:
        known: Callable[..., Json] = getattr(sonos_player, member)
        job = partial(_with, known, words)
    return sonos_player.run(endpoint.host, endpoint.port, job)


def _simple(coordinator: Callable[[SoCo], SoCo], member: str, player: SoCo) -> Json:
    getattr(coordinator(player), member)()
    return None


def _with(known: Callable[..., Json], words: tuple[Json, ...], player: SoCo) -> Json:
    return known(player, *words)


def _member(target: Target, known: set[str]) -> str:
    member = target.form.href.strip("/")
    if member not in known:
        raise NotSupported(f"A Sonos player has no {member!r:.40} here; there are: {', '.join(sorted(known))}.")
    return member


def _name(member: str, payload: Json, keys: tuple[str, ...]) -> str:
    value: Json = payload
    if isinstance(payload, Mapping):
        value = next((payload[key] for key in keys if payload.get(key)), None)
    if not isinstance(value, str) or not value.strip():
        raise NotSupported(f"Sonos {member} needs a name, as {{'{keys[0]}': ...}}.")
    return value


def _rendered(member: str, state: Json) -> Json:
    """Volume or mute out of a RenderingControl event; None when it says nothing of it."""
    channels = state.get(member.capitalize()) if isinstance(state, Mapping) else None
    value = channels.get("Master") if isinstance(channels, Mapping) else None
    if not isinstance(value, str) or not value.isascii() or not value.isdigit() or len(value) > 3:  # noqa: PLR2004
        return None
    return int(value) if member == "volume" else value == "1"


def _plain(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, scheme="http", auth="none", secret="")
