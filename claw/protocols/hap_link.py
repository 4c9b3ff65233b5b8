"""The connection to an accessory: aiohomekit's, bounded, and without a reconnect loop of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import anyio
from aiohomekit.controller.ip.connection import (
    HomeKitConnection,
    InsecureHomeKitProtocol,
    SecureHomeKitConnection,
)
from aiohomekit.exceptions import (
    AccessoryDisconnectedError,
    AuthenticationError,
    HomeKitException,
    HttpException,
    IncorrectPairingIdError,
    InvalidError,
)
from aiohomekit.exceptions import TimeoutError as HapTimeoutError

from claw.errors import (
    AnswerTooLarge,
    CredentialWrong,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceTimeout,
)
from claw.protocols.binding import MAX_ANSWER

CONNECT_TIMEOUT = 2.0  # seconds


class _Guard(asyncio.Protocol):
    """Stands before aiohomekit's parser: bounds one answer, and turns a parser's crash into a closed connection."""

    def __init__(self, link: _OneLife, inner: InsecureHomeKitProtocol) -> None:
        self._link = link
        self._inner = inner
        self._answer = inner.current_response
        self._size = 0

    def data_received(self, data: bytes) -> None:
        try:
            self._inner.data_received(data)  # type: ignore[no-untyped-call]
        except Exception as error:  # noqa: BLE001 - whatever the parser trips over, the answer is at fault
            self._link.abort(DeviceGarbage(f"The accessory sent something that is not HAP ({type(error).__name__})."))
            return
        if self._inner.current_response is not self._answer:
            self._answer, self._size = self._inner.current_response, 0
        self._size += len(data)
        if self._size > MAX_ANSWER:
            self._link.abort(AnswerTooLarge(f"The accessory sent more than {MAX_ANSWER >> 20} MiB in one answer."))

    def eof_received(self) -> bool | None:
        self._inner.eof_received()  # type: ignore[no-untyped-call]
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        # aiohomekit's signature wants an exception, but passes None along like asyncio does
        self._inner.connection_lost(exc)  # type: ignore[arg-type]


class _OneLife(HomeKitConnection):
    """Opened once; when it ends, it has ended. Who needs another makes another."""

    fault: DeviceError | None = None

    async def open(self) -> None:
        """Connect (and verify, when secure) in one attempt."""
        try:
            await self._connect_once()
        except BaseException:
            self.end()
            raise

    async def _connect_once(self) -> None:
        """The open connection, of which aiohomekit would wait ten seconds: nobody at the address shows sooner."""
        try:
            with anyio.fail_after(CONNECT_TIMEOUT):
                await super()._connect_once()
        except TimeoutError as error:
            raise ConnectionError(f"nobody answers at {self.hosts[0]}") from error

    def abort(self, fault: DeviceError) -> None:
        """Drop the connection because of what came over it."""
        self.fault = fault
        if self.transport:
            self.transport.abort()

    def end(self) -> None:
        """Close at once."""
        self.closing = True
        self._drop_transport()

    def _connection_lost(self, exception: Exception) -> None:
        self.closing = True  # or aiohomekit would start reconnecting by itself
        super()._connection_lost(exception)


class _Owner:
    """What aiohomekit calls back."""

    description = None
    name = "accessory"

    def __init__(self) -> None:
        self.link: _OneLife | None = None
        self.on_event: Callable[[Any], None] = lambda _event: None

    async def connection_made(self, _secure: bool) -> None:  # noqa: FBT001 - aiohomekit's signature
        link = self.link
        if link is not None and link.transport is not None and link.protocol is not None:
            link.transport.set_protocol(_Guard(link, link.protocol))

    def event_received(self, event: Any) -> None:  # noqa: ANN401 - any JSON at all
        self.on_event(event)


class PlainLink(_OneLife):
    """The open connection that pairing starts on."""

    def __init__(self, host: str, port: int) -> None:
        owner = _Owner()
        super().__init__(owner, [host], port)  # type: ignore[arg-type] # it wants its own pairing class
        owner.link = self


class SecureLink(SecureHomeKitConnection, _OneLife):
    """The encrypted connection of a pairing."""

    def __init__(
        self,
        pairing: Mapping[str, str],
        host: str,
        port: int,
        *,
        on_event: Callable[[Any], None],
        on_lost: Callable[[SecureLink], None],
    ) -> None:
        owner = _Owner()
        owner.on_event = on_event
        self._on_lost = on_lost
        known = {**pairing, "AccessoryIP": host, "AccessoryIPs": [host], "AccessoryPort": port}
        super().__init__(owner, known)  # type: ignore[arg-type] # it wants its own pairing class
        owner.link = self

    async def open(self) -> None:
        """Connect and verify. AuthenticationError when the accessory does not know the pairing."""
        try:
            await super().open()
        except InvalidError as error:  # pair-verify drops the error code of a refusal in its first step
            raise AuthenticationError(error.stage) from error

    def _connection_lost(self, exception: Exception) -> None:
        super()._connection_lost(exception)
        self._on_lost(self)


@contextmanager
def translated(where: str, link: _OneLife | None = None) -> Iterator[None]:
    """Turn aiohomekit's, asyncio's and the socket's exceptions into DeviceErrors."""
    try:
        yield
    except DeviceError:
        raise
    except Exception as error:
        if link is not None and link.fault is not None:
            raise link.fault from error
        raise _error_of(error, where) from error


def _error_of(error: Exception, where: str) -> DeviceError:
    match error:
        case IncorrectPairingIdError():
            return DeviceOffline(f"Another accessory answers at {where}. Wait until ours announces its new address.")
        case AuthenticationError():
            return CredentialWrong(f"The accessory at {where} does not know this pairing. Reset it and pair again.")
        case TimeoutError() | HapTimeoutError():
            return DeviceTimeout(f"The accessory at {where} does not answer. Check its power and network.")
        case AccessoryDisconnectedError() | OSError():
            return DeviceOffline(f"The accessory at {where} cannot be reached. Check its power and network.")
        case HomeKitException() | HttpException() | ValueError() | LookupError() | TypeError() | AttributeError():
            return DeviceGarbage(f"The accessory at {where} breaks the HAP protocol ({type(error).__name__}).")
        case _:
            raise error
