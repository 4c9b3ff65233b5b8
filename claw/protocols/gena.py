"""UPnP eventing (GENA): subscribe, renew and unsubscribe, with a small server that the devices call back.

UPnP Device Architecture 1.1, section 4. One subscription per device and service, shared by all who observe it.
"""

from __future__ import annotations

import ipaddress
import secrets
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from claw.errors import DeviceError, DeviceGarbage, DeviceOffline, NotSupported
from claw.model.form import Endpoint
from claw.model.json import Json
from claw.protocols.event_xml import changes
from claw.protocols.http_errors import refusal
from claw.protocols.http_wire import Answer, HttpWire, Request
from claw.protocols.mailbox import Mailbox

if TYPE_CHECKING:
    from aiohttp import web

ASKED = 300  # seconds; short, so that a device that lost its memory is heard again soon
SHORTEST, LONGEST = 1.0, 3600.0
RENEW_AT = 0.7  # of the granted time
MAX_EVENT = 256 * 1024
MAX_VARIABLES = 256
GOODBYE = 1.0  # seconds that an unsubscribe may take
OK = 200


@dataclass(eq=False, slots=True)
class Subscription:
    """One service of one device. `state` is everything that its events have said so far."""

    endpoint: Endpoint
    path: str
    token: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    sid: str = ""
    renew_at: float = 0.0
    state: dict[str, Json] = field(default_factory=dict)
    boxes: set[Mailbox] = field(default_factory=set)
    failed: DeviceError | None = None
    lock: anyio.Lock = field(default_factory=anyio.Lock)

    def deliver(self, news: Mapping[str, Json]) -> None:
        """Give every observer the whole state, for an event tells only what changed."""
        for name, value in news.items():
            known = self.state.get(name)
            if isinstance(value, Mapping) and isinstance(known, Mapping):
                value = {**known, **value}  # noqa: PLW2901 - channels of one variable come one by one
            if name in self.state or len(self.state) < MAX_VARIABLES:
                self.state[name] = value
        for box in self.boxes:
            box.put(dict(self.state))

    def fail(self, error: DeviceError) -> None:
        """End it; whoever waits is told."""
        self.failed = error
        for box in self.boxes:
            box.wake()


class Gena:
    """Subscriptions to UPnP events."""

    def __init__(self, wire: HttpWire) -> None:
        self._wire = wire
        self._subscriptions: dict[tuple[Endpoint, str], Subscription] = {}
        self._tokens: dict[str, Subscription] = {}
        self._servers: dict[str, web.AppRunner] = {}
        self._starting = anyio.Lock()

    async def join(self, endpoint: Endpoint, path: str, box: Mailbox) -> Subscription:
        """Fill `box` with this service's state from now on. Raises the DeviceError family."""
        key = (endpoint, path)
        subscription = self._subscriptions.get(key)
        if subscription is None:
            subscription = self._subscriptions[key] = Subscription(endpoint, path)
            self._tokens[subscription.token] = subscription
        elif subscription.state:
            box.put(dict(subscription.state))
        subscription.boxes.add(box)
        try:
            async with subscription.lock:
                if not subscription.sid:
                    await self._subscribe(subscription)
        except BaseException:
            await self.leave(subscription, box)
            raise
        return subscription

    async def leave(self, subscription: Subscription, box: Mailbox) -> None:
        """Stop filling `box`; the last one out unsubscribes."""
        subscription.boxes.discard(box)
        if subscription.boxes:
            return
        self._drop(subscription)
        if subscription.sid:
            with anyio.CancelScope(shield=True), suppress(DeviceError):
                await self._ask(subscription, "UNSUBSCRIBE", {"SID": subscription.sid}, GOODBYE)

    async def next(self, box: Mailbox, *subscriptions: Subscription) -> Json:
        """The next payload in `box`, renewing in time. Raises DeviceError when a subscription has ended."""
        while not box:
            if failed := next((each.failed for each in subscriptions if each.failed), None):
                raise failed
            pause = min(each.renew_at for each in subscriptions) - time.monotonic()
            with anyio.move_on_after(max(pause, 0)):
                await box.wait()
            for each in subscriptions:
                await self._renew(each)
        return box.take()

    async def forget(self, endpoint: Endpoint | None = None) -> None:
        """End the subscriptions of an endpoint, or all; their observers get DeviceOffline."""
        for subscription in tuple(self._subscriptions.values()):
            if endpoint in (None, subscription.endpoint):
                self._drop(subscription)
                subscription.fail(DeviceOffline("The event subscription was closed here; observe it again."))

    async def aclose(self) -> None:
        """Close the servers."""
        await self.forget()
        while self._servers:
            _, runner = self._servers.popitem()
            await runner.cleanup()

    def _drop(self, subscription: Subscription) -> None:
        self._tokens.pop(subscription.token, None)
        key = (subscription.endpoint, subscription.path)
        if self._subscriptions.get(key) is subscription:
            del self._subscriptions[key]

    async def _renew(self, subscription: Subscription) -> None:
        async with subscription.lock:
            if time.monotonic() < subscription.renew_at or subscription.failed:
                return
            try:
                answer = await self._ask(subscription, "SUBSCRIBE", {"SID": subscription.sid})
                if answer.status == OK:
                    self._granted(subscription, answer)
                else:  # it has forgotten us, after a restart perhaps
                    subscription.sid = ""
                    await self._subscribe(subscription)
            except DeviceError as error:
                self._drop(subscription)
                subscription.fail(error)
                raise

    async def _subscribe(self, subscription: Subscription) -> None:
        callback = f"<{await self._callback(subscription)}>"
        answer = await self._ask(subscription, "SUBSCRIBE", {"CALLBACK": callback, "NT": "upnp:event"})
        if answer.status in (404, 405, 501):
            raise NotSupported(f"{subscription.endpoint.host} sends no events there; it is polled instead.")
        if answer.status != OK:
            raise refusal(answer.status, "", subscription.endpoint, given=answer.signed.given)
        subscription.sid = answer.headers.get("SID", "")
        if not subscription.sid:
            raise DeviceGarbage(f"{subscription.endpoint.host} took a subscription and gave it no number.")
        self._granted(subscription, answer)

    @staticmethod
    def _granted(subscription: Subscription, answer: Answer) -> None:
        digits = answer.headers.get("TIMEOUT", "").lower().removeprefix("second-").strip()
        seconds = float(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else LONGEST  # noqa: PLR2004
        subscription.renew_at = time.monotonic() + min(max(seconds * RENEW_AT, SHORTEST / 2), LONGEST)

    async def _ask(
        self, subscription: Subscription, method: str, headers: Mapping[str, str], within: float | None = None
    ) -> Answer:
        if method == "SUBSCRIBE":
            headers = {**headers, "TIMEOUT": f"Second-{ASKED}"}
        request = Request(
            subscription.endpoint, method, subscription.path, headers=headers, timeout=within, safe=True
        )
        return await self._wire.send(request)

    async def _callback(self, subscription: Subscription) -> str:
        """An address at which the device can reach us, on the interface that faces it."""
        ours = _facing(subscription.endpoint)
        async with self._starting:
            runner = self._servers.get(ours) or await self._serve(ours)
        host = ours.partition("%")[0]
        port = runner.addresses[0][1]
        return f"http://{f'[{host}]' if ':' in host else host}:{port}/{subscription.token}"

    async def _serve(self, ours: str) -> web.AppRunner:
        from aiohttp import web  # noqa: PLC0415 - nobody pays for it before the first subscription

        application = web.Application(client_max_size=MAX_EVENT)
        application.router.add_route("NOTIFY", "/{token}", self._notified)
        runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=GOODBYE)
        await runner.setup()
        try:
            await web.TCPSite(runner, ours, 0).start()
        except OSError as error:
            await runner.cleanup()
            raise NotSupported(f"No port can be opened on {ours} to receive events; it is polled instead.") from error
        self._servers[ours] = runner
        return runner

    async def _notified(self, request: web.Request) -> web.Response:
        from aiohttp import web  # noqa: PLC0415 - loaded long ago

        subscription = self._tokens.get(request.match_info["token"])
        if subscription is None or not same_machine(request.remote or "", subscription.endpoint.host):
            return web.Response(status=412)
        # the first event may overtake the answer to our SUBSCRIBE, so its number may be unknown yet
        if subscription.sid and request.headers.get("SID") != subscription.sid:
            return web.Response(status=412)
        try:
            subscription.deliver(changes(await request.read()))
        except DeviceGarbage:
            return web.Response(status=400)
        return web.Response()


def same_machine(sender: str, device: str) -> bool:
    """Whether a notification from `sender` may speak for `device`; the loopback network is one machine."""
    try:
        ours, theirs = (ipaddress.ip_address(each.partition("%")[0]) for each in (sender, device))
    except ValueError:
        return False
    return ours == theirs or (ours.is_loopback and theirs.is_loopback)


def _facing(endpoint: Endpoint) -> str:
    """Our own address on the way to the device. Raises DeviceOffline."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            endpoint.host, endpoint.port, type=socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST
        )[0]
        with socket.socket(family, kind) as probe:
            probe.connect(address)  # sends nothing; asks the routing table
            name = probe.getsockname()
    except OSError as error:
        raise DeviceOffline(f"There is no way to {endpoint.host} from here. Is it on this network?") from error
    zone = name[3] if len(name) > 3 else 0  # noqa: PLR2004 - an IPv6 address has four parts
    return f"{name[0].partition('%')[0]}%{zone}" if zone else str(name[0])
