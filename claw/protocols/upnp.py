"""UPnP devices: one SOAP call per operation, and events by subscription.

Form terms: `upnp:service`, `upnp:action`, `upnp:arguments` (in-arguments, filled in), `upnp:control` (control path;
the href where it is left out), `upnp:event` (event path of an observed form; the href where it is left out).
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace

from claw.errors import DeviceRefused, NotSupported
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols import soap
from claw.protocols.binding import DEFAULT_TIMEOUT, Secrets
from claw.protocols.gena import Gena
from claw.protocols.http_body import text
from claw.protocols.http_errors import refusal
from claw.protocols.http_wire import CONNECT_TIMEOUT, HttpWire, Request
from claw.protocols.mailbox import Mailbox

SUCCESS = range(200, 300)


class Upnp:
    """The `upnp` binding. Payloads are objects of out-arguments, or of evented variables."""

    name = "upnp"

    def __init__(
        self, secrets: Secrets, *, timeout: float = DEFAULT_TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT
    ) -> None:
        self._wire = HttpWire(secrets, timeout=timeout, connect_timeout=connect_timeout)
        self._events = Gena(self._wire)

    async def read(self, target: Target) -> Json:
        """Call, and once more if the device had closed an idle connection."""
        return await self._call(target, None, safe=True)

    async def write(self, target: Target, payload: Json) -> Json:
        """Call once."""
        return await self._call(target, payload, safe=False)

    async def invoke(self, target: Target, payload: Json) -> Json:
        """Call once."""
        return await self._call(target, payload, safe=False)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """Yield the service's evented variables, all that are known so far, whenever one changes."""
        path = _term(target, "upnp:event") or target.form.href
        box = Mailbox()
        subscription = await self._events.join(_plain(target.endpoint), path, box)
        try:
            while True:
                yield await self._events.next(box, subscription)
        finally:
            await self._events.leave(subscription, box)

    async def forget(self, endpoint: Endpoint) -> None:
        """Drop the endpoint's subscriptions."""
        await self._events.forget(_plain(endpoint))
        self._wire.forget(_plain(endpoint))

    async def aclose(self) -> None:
        """Close the session and the event server."""
        await self._events.aclose()
        await self._wire.aclose()

    async def _call(self, target: Target, payload: Json, *, safe: bool) -> Json:
        service, action = _term(target, "upnp:service"), _term(target, "upnp:action")
        if not service or not action:
            raise NotSupported("A UPnP form needs upnp:service and upnp:action; correct the adapter.")
        arguments = target.form.terms.get("upnp:arguments", payload)
        body = soap.envelope(service, action, arguments if isinstance(arguments, Mapping) else {})
        headers = {"Content-Type": soap.CONTENT_TYPE, "SOAPACTION": f'"{service}#{action}"'}
        endpoint = _plain(target.endpoint)
        path = _term(target, "upnp:control") or target.form.href
        answer = await self._wire.send(Request(endpoint, "POST", path, body, headers, safe=safe))
        if said := soap.fault(answer.content):
            words = answer.signed.hide(said)
            raise DeviceRefused(f"{endpoint.host}:{endpoint.port} refuses {action}: UPnP error {words}.")
        if answer.status not in SUCCESS:
            reason = answer.signed.hide(text(answer.content[:512], answer.charset))
            raise refusal(answer.status, reason, endpoint, given=answer.signed.given)
        return soap.answer(answer.content)


def _term(target: Target, name: str) -> str:
    value = target.form.terms.get(name, "")
    return value if isinstance(value, str) else ""


def _plain(endpoint: Endpoint) -> Endpoint:
    return endpoint if endpoint.scheme in ("http", "https") else replace(endpoint, scheme="http")
