"""One aiohttp session with the house's rules: bounded, timed, same host only, secrets hidden, errors translated."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from urllib.parse import quote

import aiohttp
import anyio
from yarl import URL

from claw.errors import NotSupported, RedirectRefused
from claw.model.form import Endpoint
from claw.protocols.binding import DEFAULT_TIMEOUT, Secrets
from claw.protocols.http_auth import Credentials, Signed
from claw.protocols.http_body import Inflate
from claw.protocols.http_errors import translate, translated
from claw.protocols.http_tls import Pins

CONNECT_TIMEOUT = 2.0
CONNECTIONS_PER_HOST = 2  # small devices die under ten
IDLE = 15.0  # seconds that an unused connection is kept
MAX_REDIRECTS = 3
REDIRECTS = {301, 302, 303, 307, 308}
KEEPS_METHOD = {307, 308}
SAFE_METHODS = {"GET", "HEAD"}
UNQUOTED = "%/:?&=+,;@!$'()*~[]"  # an adapter writes its hrefs as they travel; only what is illegal is quoted


@dataclass(frozen=True, slots=True)
class Request:
    """One request, before its credential is put on. `timeout`: seconds for the whole exchange.

    `safe`: changes nothing on the device whatever its method, so it may be repeated.
    """

    endpoint: Endpoint
    method: str
    href: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    timeout: float | None = None
    safe: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete, unpacked and bounded answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    content_type: str
    charset: str
    signed: Signed


class HttpWire:
    """Sends requests to devices; shared by every binding that travels on HTTP."""

    def __init__(
        self, secrets: Secrets, *, timeout: float = DEFAULT_TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT
    ) -> None:
        self.credentials = Credentials(secrets)
        self.pins = Pins(secrets, connect_timeout)
        self.timeout = timeout
        self._connect_timeout = connect_timeout
        self._sessions: dict[bool, aiohttp.ClientSession] = {}  # by whether connections are kept
        self._hangs_up: set[tuple[str, int]] = set()  # devices that close idle connections without saying so

    async def send(self, request: Request) -> Answer:
        """One whole exchange. Raises the DeviceError family; any status is an answer."""
        endpoint = request.endpoint
        try:
            with anyio.fail_after(request.timeout or self.timeout):
                response, signed = await self._open(request)
                with translated(endpoint, signed):
                    content = await _receive(response)
        except TimeoutError as error:
            raise translate(error, endpoint) from None
        kind, charset = response.content_type, response.charset or ""
        return Answer(response.status, response.headers, content, kind, charset, signed)

    async def open(self, request: Request) -> tuple[aiohttp.ClientResponse, Signed]:
        """An answer whose body is still to come; the caller closes it. Raises the DeviceError family."""
        try:
            with anyio.fail_after(request.timeout or self.timeout):
                return await self._open(request)
        except TimeoutError as error:
            raise translate(error, request.endpoint) from None

    def forget(self, endpoint: Endpoint) -> None:
        """Drop what is remembered about an endpoint; its idle connections close by themselves."""
        self.credentials.forget(endpoint)
        self.pins.forget(endpoint)
        self._hangs_up.discard((endpoint.host, endpoint.port))

    async def aclose(self) -> None:
        """Close every connection."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    async def _open(self, request: Request) -> tuple[aiohttp.ClientResponse, Signed]:
        signed = await self.credentials.sign(request.endpoint, request.href)
        with translated(request.endpoint, signed):
            return await self._follow(request, signed), signed

    async def _follow(self, request: Request, signed: Signed) -> aiohttp.ClientResponse:
        method, body, url = request.method, request.body, _url(request.endpoint, signed.href)
        for _ in range(MAX_REDIRECTS + 1):
            response = await self._exchange(request, signed, method, url, body)
            location = response.headers.get("Location")
            if response.status not in REDIRECTS or not location:
                return response
            response.close()
            url = _redirected(request.endpoint, url, location, given=signed.given)
            if response.status not in KEEPS_METHOD and method != "HEAD":
                method, body = "GET", None
        raise RedirectRefused(f"{request.endpoint.host} keeps redirecting in circles; its address may have changed.")

    async def _exchange(
        self, request: Request, signed: Signed, method: str, url: URL, body: bytes | None
    ) -> aiohttp.ClientResponse:
        headers = {**(request.headers or {}), **signed.headers}
        if "%" in request.endpoint.host:  # a zone means something to this machine only
            headers["Host"] = f"[{request.endpoint.host.partition('%')[0]}]:{request.endpoint.port}"
        tls = await self.pins.of(replace(request.endpoint, scheme=url.scheme, port=url.port or 0))
        while True:
            seen = SimpleNamespace(reused=False, sent=False)
            keep = (request.endpoint.host, request.endpoint.port) not in self._hangs_up
            try:
                return await self._session(keep=keep).request(
                    method,
                    url,
                    data=body,
                    headers=headers,
                    ssl=tls,
                    allow_redirects=False,
                    middlewares=signed.middlewares,
                    trace_request_ctx=seen,
                )
            except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
                if isinstance(error, aiohttp.ClientConnectorError) or not seen.reused:
                    raise
                # The device had closed an idle connection. A read may be repeated; an order only if none was sent.
                self._hangs_up.add((request.endpoint.host, request.endpoint.port))
                if seen.sent and not request.safe and method not in SAFE_METHODS:
                    raise

    def _session(self, *, keep: bool) -> aiohttp.ClientSession:
        if keep not in self._sessions:
            trace = aiohttp.TraceConfig()
            trace.on_connection_reuseconn.append(_reused)
            trace.on_request_headers_sent.append(_sent)
            session = self._sessions[keep] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=0,
                    limit_per_host=CONNECTIONS_PER_HOST,
                    force_close=not keep,
                    keepalive_timeout=IDLE if keep else None,
                    socket_factory=_socket,
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_timeout),
                headers={"Accept": "*/*", "Accept-Encoding": "identity", "User-Agent": "Claw"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                trace_configs=[trace],
            )
            # aiohttp repeats a PUT on a dead connection; the device may have obeyed the first one
            session._retry_connection = False  # noqa: SLF001 - no public switch; a test watches it
        return self._sessions[keep]


async def _receive(response: aiohttp.ClientResponse) -> bytes:
    """The whole body. Anything unusual closes the connection, for the rest is still on it."""
    inflate = Inflate(response.headers.get("Content-Encoding", ""))
    try:
        inflate.expect(response.content_length or 0)
        pieces = [piece async for chunk in response.content.iter_any() for piece in inflate.feed(chunk)]
        inflate.finish()
    except BaseException:
        response.close()
        raise
    response.release()
    return b"".join(pieces)


def _url(endpoint: Endpoint, href: str) -> URL:
    if not href.startswith("/"):
        raise NotSupported("An HTTP href starts with '/'; correct the adapter.")
    base = str(URL.build(scheme=endpoint.scheme, host=endpoint.host, port=endpoint.port))
    return URL(base + quote(href, safe=UNQUOTED), encoded=True)


def _redirected(endpoint: Endpoint, url: URL, location: str, *, given: bool) -> URL:
    """Where a redirect leads, if that is the same machine (and, with a credential, the same service)."""
    try:
        target = url.join(URL(location))
        same = target.host == url.host and target.scheme in ("http", "https")
        same = same and (not given or target.origin() == url.origin())
    except ValueError:
        same = False
        target = url
    if not same:
        raise RedirectRefused(f"{endpoint.host}:{endpoint.port} points to another machine or service; not followed.")
    return target


def _socket(address: aiohttp.AddrInfoType) -> socket.socket:
    made = socket.socket(address[0], address[1], address[2])
    # a device that lost its power never says goodbye on an event stream
    made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 30), ("TCP_KEEPINTVL", 10), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            made.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return made


async def _reused(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceConnectionReuseconnParams
) -> None:
    context.trace_request_ctx.reused = True


async def _sent(
    _: aiohttp.ClientSession, context: SimpleNamespace, __: aiohttp.TraceRequestHeadersSentParams
) -> None:
    context.trace_request_ctx.sent = True
