"""HTTP and HTTPS devices: JSON, XML or text over a kept-alive connection, and server-sent events."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from functools import partial

from claw.errors import NotSupported
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols.binding import DEFAULT_TIMEOUT, Secrets
from claw.protocols.flights import Flights
from claw.protocols.http_body import decode, encode, text
from claw.protocols.http_errors import refusal
from claw.protocols.http_sse import EventStreams
from claw.protocols.http_wire import CONNECT_TIMEOUT, SAFE_METHODS, Answer, HttpWire, Request
from claw.protocols.mailbox import Mailbox

METHODS = {"readproperty": "GET", "writeproperty": "PUT", "invokeaction": "POST", "observeproperty": "GET"}
SUCCESS = range(200, 300)


class Http:
    """The `http` binding. Hrefs are paths; `htv:methodName` and the content type are in the form."""

    name = "http"

    def __init__(
        self, secrets: Secrets, *, timeout: float = DEFAULT_TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT
    ) -> None:
        self.wire = HttpWire(secrets, timeout=timeout, connect_timeout=connect_timeout)
        self._streams = EventStreams(self.wire)
        self._flights = Flights()

    async def read(self, target: Target) -> Json:
        """Fetch; identical reads at the same time share one exchange."""
        key = (target.endpoint, _method(target), target.form.href)
        return await self._flights.share(key, partial(self._exchange, target, None))

    async def write(self, target: Target, payload: Json) -> Json:
        """Send once; never repeated once a byte may have arrived."""
        return await self._exchange(target, payload)

    async def invoke(self, target: Target, payload: Json) -> Json:
        """Run once; never repeated once a byte may have arrived."""
        return await self._exchange(target, payload)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """Yield the data of server-sent events (subprotocol `sse`); NotSupported for anything else."""
        if target.form.terms.get("subprotocol") != "sse":
            raise NotSupported("Plain HTTP cannot push; the device is polled instead.")
        mine = Mailbox()
        stream = self._streams.join(target.endpoint, target.form.href, mine)
        try:
            while True:
                yield await stream.next(mine)
        finally:
            self._streams.leave(stream, mine)

    async def forget(self, endpoint: Endpoint) -> None:
        """Drop the endpoint's digest session, certificate and event streams."""
        self._streams.forget(endpoint)
        self.wire.forget(endpoint)

    async def aclose(self) -> None:
        """Close the session."""
        self._streams.forget()
        await self.wire.aclose()

    async def _exchange(self, target: Target, payload: Json) -> Json:
        method = _method(target)
        body = None if method in SAFE_METHODS else encode(payload, target.form.content_type)
        headers = {"Content-Type": target.form.content_type} if body is not None else None
        answer = await self.wire.send(Request(target.endpoint, method, target.form.href, body, headers))
        return checked(answer, target.endpoint)


def checked(answer: Answer, endpoint: Endpoint) -> Json:
    """The payload of a success. Raises DeviceRefused, CredentialMissing or CredentialWrong for anything else."""
    if answer.status in SUCCESS:
        return decode(answer.content, answer.content_type, answer.charset)
    reason = answer.signed.hide(text(answer.content[:512], answer.charset))
    raise refusal(answer.status, reason, endpoint, given=answer.signed.given)


def _method(target: Target) -> str:
    return (target.form.method or METHODS.get(target.form.op, "GET")).upper()
