"""Server-sent events: one connection per address, shared by everyone who observes it, reopened when it drops.

Format: https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
"""

from __future__ import annotations

from collections.abc import Iterator

import aiohttp
import anyio

from claw.errors import AnswerTooLarge, DeviceError, DeviceGarbage, DeviceOffline, DeviceTimeout, NotSupported
from claw.model.form import Endpoint
from claw.model.json import Json
from claw.protocols.http_auth import Signed
from claw.protocols.http_body import decode
from claw.protocols.http_errors import refusal, translated
from claw.protocols.http_wire import HttpWire, Request
from claw.protocols.mailbox import Mailbox

MAX_EVENT = 256 * 1024
ATTEMPTS = 6  # in a row without an event; then the observers are told
FIRST_PAUSE, LAST_PAUSE = 1.0, 30.0
OK = 200


class EventParser:
    """Bytes in, `data` of complete events out. Bounded: AnswerTooLarge past MAX_EVENT."""

    def __init__(self) -> None:
        self._rest = b""
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, chunk: bytes) -> Iterator[Json]:
        """Every event that `chunk` completes; lines end in LF, CR or CRLF."""
        buffer = self._rest + chunk
        held = b"\r" if buffer.endswith(b"\r") else b""  # its LF may still be on the way
        buffer = buffer.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        *lines, self._rest = buffer.split(b"\n")
        self._rest += held
        for line in lines:
            if line:
                self._field(line)
            elif self._data:
                data, self._data, self._size = b"\n".join(self._data), [], 0
                yield decode(data)
        if len(self._rest) + self._size > MAX_EVENT:
            raise AnswerTooLarge(f"The device sent an event of more than {MAX_EVENT} bytes; it is polled instead.")

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            self._size += len(value) + 1


class EventStream:
    """One shared connection. Whoever waits first reads for all; there is no task in the background."""

    def __init__(self, wire: HttpWire, endpoint: Endpoint, href: str) -> None:
        self.observers: set[Mailbox] = set()
        self.failed: DeviceError | None = None
        self._wire = wire
        self._endpoint = endpoint
        self._href = href
        self._response: aiohttp.ClientResponse | None = None
        self._signed = Signed(href)
        self._parser = EventParser()
        self._connected_once = False
        self._failures = 0
        self._reading = False
        self._read = anyio.Event()

    async def next(self, mine: Mailbox) -> Json:
        """The next payload for this observer. Raises DeviceError when the device stays away."""
        while not mine:
            if self.failed is not None:
                raise self.failed
            if self._reading:
                await self._read.wait()
                continue
            self._reading = True
            try:
                await self._pump()
            except DeviceError as error:
                self.close(error)
            finally:
                self._reading = False
                self._wake()
        return mine.take()

    def close(self, error: DeviceError | None = None) -> None:
        """Hang up; with an error, for good."""
        if self._response is not None:
            self._response.close()
            self._response = None
        self._parser = EventParser()
        self.failed = error or self.failed
        self._wake()

    def _wake(self) -> None:
        self._read.set()
        self._read = anyio.Event()

    async def _pump(self) -> None:
        try:
            chunk = await self._chunk()
        except (DeviceOffline, DeviceTimeout, DeviceGarbage):
            self.close()
            self._failures += 1
            if self.failed or not self._connected_once or self._failures >= ATTEMPTS:
                raise
            await anyio.sleep(min(FIRST_PAUSE * 2 ** (self._failures - 1), LAST_PAUSE))
            return
        for payload in self._parser.feed(chunk):
            self._failures = 0
            for observer in self.observers:
                observer.put(payload)

    async def _chunk(self) -> bytes:
        response = self._response or await self._connect()
        with translated(self._endpoint, self._signed):
            if chunk := await response.content.readany():
                return chunk
        raise DeviceGarbage(f"{self._endpoint.host} ended its event stream.")

    async def _connect(self) -> aiohttp.ClientResponse:
        request = Request(self._endpoint, "GET", self._href, headers={"Accept": "text/event-stream"})
        response, self._signed = await self._wire.open(request)
        if response.status == OK and response.content_type == "text/event-stream":
            self._connected_once = True
            self._response = response
            return response
        response.close()
        if response.status == OK:
            raise NotSupported(f"{self._endpoint.host} offers no event stream there; it is polled instead.")
        raise refusal(response.status, response.reason or "", self._endpoint, given=self._signed.given)


class EventStreams:
    """The open streams by endpoint and address."""

    def __init__(self, wire: HttpWire) -> None:
        self._wire = wire
        self._streams: dict[tuple[Endpoint, str], EventStream] = {}

    def join(self, endpoint: Endpoint, href: str, mine: Mailbox) -> EventStream:
        """The stream at this address, which fills `mine` from now on."""
        stream = self._streams.get((endpoint, href))
        if stream is None or stream.failed is not None:
            stream = self._streams[endpoint, href] = EventStream(self._wire, endpoint, href)
        stream.observers.add(mine)
        return stream

    def leave(self, stream: EventStream, mine: Mailbox) -> None:
        """Stop filling `mine`; the last one out hangs up."""
        stream.observers.discard(mine)
        if not stream.observers:
            stream.close()
            self._streams = {key: kept for key, kept in self._streams.items() if kept is not stream}

    def forget(self, endpoint: Endpoint | None = None) -> None:
        """End the streams of an endpoint, or all; their observers get DeviceOffline."""
        for (where, _), stream in tuple(self._streams.items()):
            if endpoint in (None, where):
                stream.close(DeviceOffline(f"The event stream of {where.host} was closed here; observe it again."))
