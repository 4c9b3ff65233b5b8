"""Devices that misbehave: each gets the right error, quickly, in one line that a person can act on."""

from __future__ import annotations

import asyncio
import gzip
import socket
import time
from collections.abc import AsyncGenerator, Awaitable, Callable

import anyio
import pytest
from aiohttp import web

from claw.errors import (
    AnswerTooLarge,
    CredentialMissing,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
    RedirectRefused,
)
from claw.model.form import Endpoint
from claw.protocols.binding import MAX_ANSWER
from claw.protocols.http import Http
from tests.protocols.http_servers import Memory, app, ok, once, raw, request_of, target

QUICK = 0.5


@pytest.fixture
async def http() -> AsyncGenerator[Http]:
    binding = Http(Memory(), timeout=QUICK, connect_timeout=QUICK / 2)
    yield binding
    await binding.aclose()


async def fails(http: Http, endpoint: Endpoint, error: type[DeviceError], words: str, href: str = "/") -> None:
    start = time.monotonic()
    with anyio.fail_after(5), pytest.raises(error, match=words) as caught:
        await http.read(target(endpoint, href))
    assert type(caught.value) is error
    assert time.monotonic() - start < 3
    line = str(caught.value)
    assert "\n" not in line
    assert len(line) < 250


async def test_refused_port(http: Http, unused_port: int) -> None:
    await fails(http, Endpoint("127.0.0.1", unused_port), DeviceOffline, "refuses the connection")


async def test_a_full_backlog_is_offline_not_slow(http: Http) -> None:
    """The kernel drops our SYN: the same as a machine that has lost its power."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = []
        for _ in range(3):
            filler = socket.socket()
            filler.settimeout(0)
            filler.connect_ex(("127.0.0.1", port))
            fillers.append(filler)
        try:
            await fails(http, Endpoint("127.0.0.1", port), DeviceOffline, "does not answer")
        finally:
            for filler in fillers:
                filler.close()


async def test_never_answers(http: Http) -> None:
    async def serve(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    async with raw(serve) as endpoint:
        await fails(http, endpoint, DeviceTimeout, "did not answer in time")


async def test_a_slow_drip_is_bounded_in_all(http: Http) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.transport.is_closing():
            writer.write(b".")
            await anyio.sleep(0.02)

    async with raw(serve) as endpoint:
        await fails(http, endpoint, DeviceTimeout, "did not answer in time")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        b"\x16\x03\x01\x00\xff binary nonsense\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 two hundred\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: minus\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(100_000)) + b"\r\n",
        ok(b"not json", "application/json"),
        ok(b"plain", "text/plain", "Content-Encoding: gzip"),
        ok(b"plain", "text/plain", "Content-Encoding: br"),
    ],
    ids=[
        "closes at once",
        "closes in the head",
        "closes in the body",
        "closes in a chunk",
        "bad chunk size",
        "tls alert",
        "another protocol",
        "bad status",
        "bad length",
        "long header",
        "header bomb",
        "not json",
        "not gzip",
        "unknown packing",
    ],
)
async def test_garbage(http: Http, answer: bytes) -> None:
    async with raw(once(answer)) as endpoint:
        await fails(http, endpoint, DeviceGarbage, ".")


async def test_100_megabytes_announced(http: Http) -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * (1 << 20))
            await writer.drain()
            sent += 1

    async with raw(serve) as endpoint:
        await fails(http, endpoint, AnswerTooLarge, "104857600|more than")
        assert sent < 20, "the connection is closed, the rest never crosses the network"


async def test_100_megabytes_unannounced(http: Http) -> None:
    sent = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * (1 << 20))
            await writer.drain()
            sent += 1

    async with raw(serve) as endpoint:
        await fails(http, endpoint, AnswerTooLarge, "more than")
        assert sent < 30


async def test_a_gzip_bomb_is_bounded_after_unpacking(http: Http) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 1)
    assert len(bomb) < MAX_ANSWER
    async with raw(once(ok(bomb, "application/json", "Content-Encoding: gzip"))) as endpoint:
        await fails(http, endpoint, AnswerTooLarge, "more than")


@pytest.mark.parametrize("status", [400, 403, 404, 405, 500, 503])
async def test_refusals_carry_the_status(http: Http, status: int) -> None:
    async with app(web.get("/", _always(status, "too hot\nto handle " + "x" * 1000))) as endpoint:
        await fails(http, endpoint, DeviceRefused, f"answered {status}: too hot to handle")


async def test_401_without_a_credential(http: Http) -> None:
    async with app(web.get("/", _always(401, ""))) as endpoint:
        await fails(http, endpoint, CredentialMissing, "needs a credential")


def _always(status: int, text: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, text=text)

    return answer


@pytest.mark.parametrize(
    "location",
    [
        "http://192.0.2.1/",
        "//192.0.2.1/x",
        "http://127.0.0.2/x",
        "http://127.0.0.1@192.0.2.1/",
        "ftp://127.0.0.1/x",
        "file:///etc/passwd",
        "http://[broken/",
        "https://example.org/",
    ],
)
async def test_redirects_elsewhere_are_not_followed(http: Http, location: str) -> None:
    answer = f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()
    async with raw(once(answer)) as endpoint:
        await fails(http, endpoint, RedirectRefused, "not followed")


async def test_redirects_on_the_same_machine_at_most_three(http: Http) -> None:
    async def step(request: web.Request) -> web.Response:
        n = int(request.match_info["n"])
        if n == 0:
            return web.json_response({"method": request.method, "body": await request.text()})
        return web.Response(
            status=int(request.query.get("s", "302")), headers={"Location": f"{n - 1}{_query(request)}"}
        )

    async with app(web.route("*", "/r/{n}", step)) as endpoint:
        assert (await http.read(target(endpoint, "/r/3")))["method"] == "GET"
        await fails(http, endpoint, RedirectRefused, "in circles", "/r/4")
        kept = await http.write(target(endpoint, "/r/1?s=307", "writeproperty"), 5)
        assert kept == {"method": "PUT", "body": "5"}
        shown = await http.write(target(endpoint, "/r/1?s=303", "writeproperty", "POST"), 5)
        assert shown == {"method": "GET", "body": ""}


def _query(request: web.Request) -> str:
    return f"?{request.query_string}" if request.query_string else ""


async def test_trouble_does_not_outlive_its_request(http: Http) -> None:
    """After each failure the next device is served as if nothing had happened, the same one included."""
    answers = [b"", ok(b"{", "application/json"), b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", ok(b'"fine"')]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(answers.pop(0))
        await writer.drain()

    async with raw(serve) as endpoint:
        for _ in range(3):
            with pytest.raises(DeviceGarbage):
                await http.read(target(endpoint))
        assert await http.read(target(endpoint)) == "fine"
