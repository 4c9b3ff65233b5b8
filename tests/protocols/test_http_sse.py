"""Server-sent events: parsed by the standard, shared, bounded, and picked up again after a drop."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator

import anyio
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import AnswerTooLarge, CredentialMissing, DeviceGarbage, DeviceOffline, DeviceRefused, NotSupported
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols import http_sse
from claw.protocols.http import Http
from claw.protocols.http_sse import MAX_EVENT, EventParser
from tests.protocols.http_servers import Memory, app, ok, once, raw, request_of, target

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"


@pytest.fixture
async def http(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Http]:
    monkeypatch.setattr(http_sse, "FIRST_PAUSE", 0.01)
    binding = Http(Memory(), timeout=2, connect_timeout=1)
    yield binding
    await binding.aclose()


def events(endpoint: Endpoint, href: str = "/events") -> Target:
    return target(endpoint, href, "observeproperty", terms={"subprotocol": "sse"})


def parse(*chunks: bytes) -> list[Json]:
    parser = EventParser()
    return [event for chunk in chunks for event in parser.feed(chunk)]


def test_the_standards_examples() -> None:
    assert parse(b": hi\n\ndata: YHOO\ndata: +2\ndata: 10\n\n") == ["YHOO\n+2\n10"]
    assert parse(b"event: add\r\nid: 1\r\ndata:73857293\r\n\r\n") == [73857293]
    assert parse(b"data\n\ndata:  x\r\rdata: unfinished") == [None, "x"]


@given(
    st.lists(st.dictionaries(st.text(max_size=5), st.integers()), max_size=5),
    st.sampled_from([b"\n", b"\r\n", b"\r"]),
    st.integers(1, 40),
)
def test_events_survive_any_cutting(values: list[dict[str, int]], end: bytes, step: int) -> None:
    stream = b"".join(b"id: 7" + end + b"data: " + json.dumps(v).encode() + end + end for v in values)
    pieces = [stream[at : at + step] for at in range(0, len(stream), step)]
    # a lone CR at the very end may still become CRLF, so the last event waits for one more byte
    assert parse(*pieces, b":") == values


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parser(data: bytes) -> None:
    try:
        parse(data, b"\n\n")
    except DeviceGarbage:
        pytest.fail("text is always a payload")


@pytest.mark.parametrize("unit", [b"data: xxxxxxxxxxxxxxxxxxxxxxxxxx\n", b"x"])
def test_an_endless_event_is_cut_off(unit: bytes) -> None:
    with pytest.raises(AnswerTooLarge):
        parse(*[unit * 1000] * (2 * MAX_EVENT // len(unit) // 1000))


async def test_events_arrive_as_they_are_sent(http: Http) -> None:
    ask = anyio.Event()

    async def stream(request: web.Request) -> web.StreamResponse:
        assert request.headers["Accept"] == "text/event-stream"
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b': hi\n\ndata: {"on": true}\n\n')
        await ask.wait()
        await response.write(b'data: {"on": false}\n\n')
        return response

    async with app(web.get("/events", stream)) as endpoint:
        pushed = http.observe(events(endpoint))
        with anyio.fail_after(5):
            assert await anext(pushed) == {"on": True}
            ask.set()
            assert await anext(pushed) == {"on": False}
        await pushed.aclose()


async def test_many_observers_share_one_connection_and_reads_still_pass(http: Http) -> None:
    connections, go = 0, anyio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        while request := await request_of(reader):
            if b"/events" not in request:
                writer.write(ok(b'"state"'))
                continue
            connections += 1
            writer.write(HEAD)
            await go.wait()
            for n in range(3):
                writer.write(b"data: %d\n\n" % n)
            await writer.drain()
            await reader.read()

    async with raw(serve) as endpoint:
        got: list[list[Json]] = [[], [], [], []]
        ready = 0

        async def watch(mine: list[Json], stop_after: int) -> None:
            nonlocal ready
            pushed = http.observe(events(endpoint))
            ready += 1
            async for value in pushed:
                mine.append(value)
                if len(mine) == stop_after:
                    break
            await pushed.aclose()

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for n, mine in enumerate(got):
                    # the first one reads for all and leaves early: another takes over
                    group.start_soon(watch, mine, 1 if n == 0 else 3)
                while ready < 4 or not connections:
                    await anyio.lowlevel.checkpoint()
                assert await http.read(target(endpoint, "/state")) == "state"
                go.set()
        assert got == [[0], [0, 1, 2], [0, 1, 2], [0, 1, 2]]
        assert connections == 1


async def test_a_cancelled_reader_hands_over(http: Http) -> None:
    go = anyio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(HEAD)
        await go.wait()
        writer.write(b"data: 1\n\n")
        await writer.drain()
        await reader.read()

    async with raw(serve) as endpoint:
        leader = anyio.CancelScope()
        started = anyio.Event()
        got: list[Json] = []

        async def lead() -> None:
            with leader:
                started.set()
                await anext(http.observe(events(endpoint)))

        async def follow() -> None:
            pushed = http.observe(events(endpoint))
            got.append(await anext(pushed))
            await pushed.aclose()

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(lead)
                await started.wait()
                group.start_soon(follow)
                await anyio.lowlevel.checkpoint()
                leader.cancel()
                go.set()
        assert got == [1]


async def test_a_dropped_stream_is_reopened(http: Http) -> None:
    opened = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        await request_of(reader)
        opened += 1
        if opened == 2:  # still booting
            return
        writer.write(HEAD + b"data: %d\n\ndata: lost" % opened)
        await writer.drain()
        writer.close()

    async with raw(serve) as endpoint:
        pushed = http.observe(events(endpoint))
        with anyio.fail_after(5):
            assert [await anext(pushed), await anext(pushed), await anext(pushed)] == [1, 3, 4]
        await pushed.aclose()


async def test_a_device_that_stays_away_is_reported(http: Http) -> None:
    async with raw(once(HEAD + b"data: 1\n\n")) as endpoint:
        pushed = http.observe(events(endpoint))
        with anyio.fail_after(5):
            assert await anext(pushed) == 1
    with anyio.fail_after(10), pytest.raises(DeviceOffline, match="refuses the connection"):
        await anext(pushed)


async def test_what_is_no_event_stream(http: Http, unused_port: int) -> None:
    async def no(_: web.Request) -> web.Response:
        return web.Response(status=404)

    async def login(_: web.Request) -> web.Response:
        return web.Response(status=401)

    with anyio.fail_after(10):
        with pytest.raises(DeviceOffline):
            await anext(http.observe(events(Endpoint("127.0.0.1", unused_port))))
        async with raw(once(ok(b"{}"))) as endpoint:
            with pytest.raises(NotSupported, match="no event stream"):
                await anext(http.observe(events(endpoint)))
        async with app(web.get("/events", no), web.get("/login", login)) as endpoint:
            with pytest.raises(DeviceRefused, match="404"):
                await anext(http.observe(events(endpoint)))
            with pytest.raises(CredentialMissing):
                await anext(http.observe(events(endpoint, "/login")))
        async with raw(once(HEAD + b"data: " + b"x" * (MAX_EVENT + 10))) as endpoint:
            with pytest.raises(AnswerTooLarge):
                await anext(http.observe(events(endpoint)))


async def test_forgetting_an_endpoint_ends_its_streams(http: Http) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request_of(reader)
        writer.write(HEAD + b"data: 1\n\n")
        await reader.read()

    async with raw(serve) as endpoint:
        pushed = http.observe(events(endpoint))
        with anyio.fail_after(5):
            assert await anext(pushed) == 1
            await http.forget(endpoint)
            with pytest.raises(DeviceOffline, match="closed here"):
                await anext(pushed)
            again = http.observe(events(endpoint))
            assert await anext(again) == 1
            await again.aclose()
