"""SoCo's HTTP, led through our own wire: bounded, timed, kept alive, and only to players on this network.

SoCo calls `requests.post` from a worker thread; here that call crosses to the event loop and back. Without this,
requests would read an answer of any size for any time and follow a redirect anywhere.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from types import ModuleType
from urllib.parse import urlsplit

from anyio import from_thread

from claw.errors import DeviceRefused, RedirectRefused
from claw.model.form import Endpoint
from claw.protocols.http_body import text
from claw.protocols.http_wire import HttpWire, Request

UNDERSTOOD = {200, 405, 500}  # what SoCo reads itself
SAFE = ("Get", "Browse")


@dataclass(frozen=True, slots=True)
class Call:
    """The operation that a worker thread is busy with; `within`: seconds for each of its exchanges."""

    wire: HttpWire
    endpoint: Endpoint
    within: float


CALL: ContextVar[Call] = ContextVar("sonos_call")


@dataclass(frozen=True, slots=True)
class Response:
    """What SoCo reads of a response."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        """The content as text."""
        return text(self.content, "utf-8")


class Post:
    """Stands where SoCo's services look for the `requests` module. Everything raises the DeviceError family."""

    def __init__(self, requests: ModuleType) -> None:
        self._requests = requests

    def get(self, url: str, timeout: float) -> Response:
        """A service description, which SoCo reads once for each service of a player."""
        if (call := CALL.get(None)) is None:
            theirs: Response = self._requests.get(url, timeout=timeout)
            return theirs
        return _send(call, "GET", url, None, {}, safe=True)

    def post(self, url: str, headers: Mapping[str, str], data: bytes, timeout: float) -> Response:
        """One SOAP exchange."""
        if (call := CALL.get(None)) is None:  # somebody else's SoCo, not ours
            theirs: Response = self._requests.post(url, headers=headers, data=data, timeout=timeout)
            return theirs
        action = headers.get("SOAPACTION", "").rpartition("#")[2]
        return _send(call, "POST", url, data, headers, safe=action.startswith(SAFE))


def _send(
    call: Call, method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, safe: bool
) -> Response:
    parts = urlsplit(url)
    endpoint = neighbour(call.endpoint, parts.hostname or "", parts.port)
    request = Request(endpoint, method, parts.path, body, headers, call.within, safe=safe)
    answer = from_thread.run(call.wire.send, request)
    if answer.status not in UNDERSTOOD:
        raise DeviceRefused(f"{endpoint.host}:{endpoint.port} answered {answer.status} at {parts.path}.")
    return Response(answer.status, answer.headers, answer.content)


def neighbour(asked: Endpoint, host: str, port: int | None) -> Endpoint:
    """The player that SoCo turns to: the one we asked, or one that it names. Raises RedirectRefused, ValueError."""
    if (host, port) == (asked.host, asked.port):
        return asked
    address = ipaddress.ip_address(host)
    if port != asked.port or not (address.is_private or address.is_link_local):
        raise RedirectRefused(f"{asked.host} names {host}:{port} as a player, which is not on this network.")
    return Endpoint(host, asked.port)
