"""Foreign errors and refusals of HTTP wires, translated in this one place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from claw.errors import (
    CredentialMissing,
    CredentialWrong,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
)
from claw.model.form import Endpoint
from claw.protocols.http_auth import Signed

UNAUTHORIZED = 401
FORBIDDEN = 403
SHOWN = 120  # characters of a refusal that are worth a person's time


@contextmanager
def translated(endpoint: Endpoint, signed: Signed) -> Iterator[None]:
    """Foreign errors inside the block come out as DeviceErrors, without the secret in what they came from."""
    try:
        yield
    except (aiohttp.ClientError, OSError, ValueError) as error:  # TimeoutError is an OSError
        raise translate(error, endpoint) from (None if signed.leaks(error) else error)


_ANSWERS: tuple[tuple[type[Exception], type[DeviceError], str], ...] = (  # the first that fits
    (
        aiohttp.ServerFingerprintMismatch,
        DeviceRefused,
        "shows another certificate than before; nothing was sent. If you replaced it, remove and adopt it again.",
    ),
    (aiohttp.ConnectionTimeoutError, DeviceOffline, "does not answer. Is it switched on and on this network?"),
    (TimeoutError, DeviceTimeout, "took the connection and did not answer in time. Try again, or restart it."),
    (aiohttp.ClientSSLError, DeviceGarbage, "does not speak TLS as we know it; try http."),
    (aiohttp.ClientConnectorError, DeviceOffline, "cannot be reached. Is it switched on and on this network?"),
    (aiohttp.ServerDisconnectedError, DeviceGarbage, "hung up without an answer. Try again."),
    (aiohttp.ClientOSError, DeviceGarbage, "hung up in the middle. Try again."),
    (aiohttp.ClientPayloadError, DeviceGarbage, "hung up in the middle of its answer. Try again."),
    (aiohttp.ClientError, DeviceGarbage, "does not answer in proper HTTP. Is this the right port?"),
    (OSError, DeviceOffline, "cannot be reached. Is it switched on and on this network?"),
)


def translate(error: Exception, endpoint: Endpoint) -> DeviceError:
    """The DeviceError that a person should read instead of `error`."""
    where = f"{endpoint.host}:{endpoint.port}"
    if isinstance(error, aiohttp.ClientConnectorError) and isinstance(error.os_error, ConnectionRefusedError):
        return DeviceOffline(f"{where} refuses the connection. Is it still starting, or is the port wrong?")
    for foreign, ours, words in _ANSWERS:
        if isinstance(error, foreign):
            return ours(f"{where} {words}")
    return DeviceGarbage(f"{where} does not answer in proper HTTP. Is this the right port?")


def refusal(status: int, reason: str, endpoint: Endpoint, *, given: bool) -> DeviceError:
    """The error for an answer that is not a success; `given`: a credential went with the request."""
    where = f"{endpoint.host}:{endpoint.port}"
    wanted = endpoint.auth != "none" and not given
    if status == UNAUTHORIZED and given:
        return CredentialWrong(f"{where} refuses the credential it was given. Adopt it again with the right one.")
    if status == UNAUTHORIZED or (status == FORBIDDEN and wanted):
        return CredentialMissing(f"{where} needs a credential. Adopt it again and give it one.")
    words = " ".join(reason.split())[:SHOWN]
    return DeviceRefused(f"{where} answered {status}" + (f": {words}" if words else "."))
