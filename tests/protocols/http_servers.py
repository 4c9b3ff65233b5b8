"""Real servers on loopback for the HTTP tests: raw bytes, aiohttp, and one that checks digests itself."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.request import parse_http_list, parse_keqv_list

from aiohttp import web

from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Memory:
    """A secret store in a dict."""

    def __init__(self, **secrets: str) -> None:
        self.kept = dict(secrets)

    async def get(self, ref: str) -> str | None:
        return self.kept.get(ref)

    async def put(self, ref: str, value: str) -> None:
        self.kept[ref] = value


def target(endpoint: Endpoint, href: str = "/", op: str = "readproperty", method: str = "", **form: Json) -> Target:
    terms = form.pop("terms", {})
    return Target(endpoint, Form(op, href, method, terms=terms, **form))  # type: ignore[arg-type]


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """The head of a request, and its body by content length; empty when the client hung up."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:")), 0)
    return head + await reader.readexactly(length)


@asynccontextmanager
async def raw(serve: Serve, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncGenerator[Endpoint]:
    """A server that speaks exactly what `serve` writes; connections end with the block."""
    writers: list[asyncio.StreamWriter] = []

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        try:
            await serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(connected, host, 0, ssl=tls)
    try:
        yield Endpoint(host, server.sockets[0].getsockname()[1], "https" if tls else "http", device_id="d1")
    finally:
        server.close()
        for writer in writers:
            writer.transport.abort()
        await server.wait_closed()


def once(answer: bytes) -> Serve:
    """Answer every request with these bytes and hang up."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    return serve


def ok(body: bytes, kind: str = "application/json", *extra: str) -> bytes:
    lines = ["HTTP/1.1 200 OK", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *extra]
    return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def app(*routes: web.RouteDef, host: str = "127.0.0.1") -> AsyncGenerator[Endpoint]:
    """An aiohttp application."""
    application = web.Application()
    application.add_routes(routes)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, 0)
        await site.start()
        yield Endpoint(host, runner.addresses[0][1], device_id="d1")
    finally:
        await runner.cleanup()


class DigestGate:
    """Checks digest answers by RFC 7616, written from the standard and not from the client's library."""

    def __init__(self, algorithm: str, user: str, password: str, realm: str = "shelly") -> None:
        self.algorithm, self.user, self.password, self.realm = algorithm, user, password, realm
        self.hash = hashlib.sha256 if algorithm == "SHA-256" else hashlib.md5
        self.issued: set[str] = set()
        self.counts: set[tuple[str, str]] = set()
        self.challenges = 0

    def _h(self, text: str) -> str:
        return self.hash(text.encode()).hexdigest()

    def admits(self, request: web.Request) -> bool:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "digest":
            return False
        given = parse_keqv_list(parse_http_list(rest))
        nonce, used = given["nonce"], (given["nonce"], given["nc"])
        if nonce not in self.issued or used in self.counts or given["uri"] != request.raw_path:
            return False
        a1 = self._h(f"{self.user}:{self.realm}:{self.password}")
        a2 = self._h(f"{request.method}:{request.raw_path}")
        middle = f"{nonce}:{given['nc']}:{given['cnonce']}:auth"
        if given["response"] != self._h(f"{a1}:{middle}:{a2}") or given["username"] != self.user:
            return False
        self.counts.add(used)
        return True

    def challenge(self) -> web.Response:
        self.challenges += 1
        nonce = f"n{self.challenges}"
        self.issued.add(nonce)
        value = f'Digest qop="auth", realm="{self.realm}", nonce="{nonce}", algorithm={self.algorithm}'
        return web.Response(status=401, headers={"WWW-Authenticate": value}, text="no")
