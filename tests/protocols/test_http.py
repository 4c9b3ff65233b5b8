"""What a healthy device gets and gives: methods, bodies, sharing, keep-alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import anyio
import pytest
from aiohttp import web

from claw.errors import DeviceGarbage, DeviceRefused, NotSupported
from claw.model.form import Endpoint
from claw.protocols.binding import Binding
from claw.protocols.http import Http
from tests.protocols.http_servers import Memory, app, ok, raw, request_of, target


@pytest.fixture
async def http() -> AsyncGenerator[Http]:
    binding = Http(Memory(), timeout=2, connect_timeout=1)
    yield binding
    await binding.aclose()


@pytest.fixture
async def echo() -> AsyncGenerator[Endpoint]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response(
            {
                "method": request.method,
                "path": request.raw_path,
                "type": request.headers.get("Content-Type"),
                "body": await request.text(),
            }
        )

    async with app(web.route("*", "/{any:(?s:.*)}", answer)) as endpoint:
        yield endpoint


def test_is_a_binding() -> None:
    binding: Binding = Http(Memory())
    assert binding.name == "http"


async def test_methods_follow_the_operation_unless_the_form_says(http: Http, echo: Endpoint) -> None:
    assert (await http.read(target(echo, "/a")))["method"] == "GET"
    assert (await http.write(target(echo, "/a", "writeproperty"), {"on": True}))["method"] == "PUT"
    assert (await http.invoke(target(echo, "/a", "invokeaction"), None))["method"] == "POST"
    assert (await http.write(target(echo, "/a", "writeproperty", "post"), 1))["method"] == "POST"


async def test_bodies(http: Http, echo: Endpoint) -> None:
    sent = await http.write(target(echo, "/a", "writeproperty"), {"on": True, "name": "Küche"})
    assert (sent["type"], sent["body"]) == ("application/json", '{"on":true,"name":"Küche"}')
    form = "application/x-www-form-urlencoded"
    sent = await http.write(target(echo, "/a", "writeproperty", content_type=form), {"t": "a b", "n": 3, "on": False})
    assert (sent["type"], sent["body"]) == (form, "t=a+b&n=3&on=false")
    sent = await http.write(target(echo, "/a", "writeproperty", content_type="text/plain"), "ON")
    assert (sent["type"], sent["body"]) == ("text/plain", "ON")
    sent = await http.invoke(target(echo, "/a", "invokeaction"), None)
    assert sent["body"] == ""
    sent = await http.write(target(echo, "/cm?x=1", "writeproperty", "GET"), 1)
    assert (sent["method"], sent["body"], sent["type"]) == ("GET", "", None)


async def test_an_href_travels_as_it_was_written(http: Http, echo: Endpoint) -> None:
    href = "/cm?cmnd=Power%20On&a=b+c%2Bd;e"
    assert (await http.read(target(echo, href)))["path"] == href
    assert (await http.read(target(echo, "/a b/ü\r\nX: y")))["path"] == "/a%20b/%C3%BC%0D%0AX:%20y"
    assert (await http.read(target(echo, "//other.example/x")))["path"] == "//other.example/x"
    with pytest.raises(NotSupported, match="starts with '/'"):
        await http.read(target(echo, "@other.example/"))


async def test_identical_reads_in_flight_share_one_exchange(http: Http) -> None:
    asked, release = 0, anyio.Event()

    async def slow(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await release.wait()
        return web.json_response({"n": asked})

    async with app(web.get("/a", slow), web.get("/b", slow)) as endpoint:
        results: list[object] = []

        async def read(href: str) -> None:
            results.append(await http.read(target(endpoint, href)))

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for href in ("/a", "/a", "/a", "/b"):
                    group.start_soon(read, href)
                while asked < 2:
                    await anyio.lowlevel.checkpoint()
                release.set()
        assert asked == 2
        assert len(results) == 4
        await http.read(target(endpoint, "/a"))
        assert asked == 3, "only reads in flight are shared; nothing is cached"


async def test_a_cancelled_reader_does_not_take_the_others_with_it(http: Http) -> None:
    asked, release = 0, anyio.Event()

    async def slow(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await release.wait()
        return web.json_response("done")

    async with app(web.get("/a", slow)) as endpoint:
        results: list[object] = []
        first = anyio.CancelScope()

        async def leader() -> None:
            with first:
                await http.read(target(endpoint, "/a"))

        async def follower() -> None:
            results.append(await http.read(target(endpoint, "/a")))

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(leader)
                while not asked:
                    await anyio.lowlevel.checkpoint()
                group.start_soon(follower)
                await anyio.lowlevel.checkpoint()
                first.cancel()
                while asked < 2:
                    await anyio.lowlevel.checkpoint()
                release.set()
        assert results == ["done"]


async def test_a_shared_failure_reaches_every_reader(http: Http) -> None:
    release, asked, failures = anyio.Event(), 0, 0

    async def slow(_: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        await release.wait()
        return web.Response(status=500, text="boiler is on fire")

    async with app(web.get("/a", slow)) as endpoint:

        async def read() -> None:
            nonlocal failures
            with pytest.raises(DeviceRefused, match="500: boiler is on fire"):
                await http.read(target(endpoint, "/a"))
            failures += 1

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                group.start_soon(read)
                group.start_soon(read)
                while not asked:
                    await anyio.lowlevel.checkpoint()
                release.set()
        assert (failures, asked) == (2, 1)


async def test_at_most_two_connections_to_one_device(http: Http) -> None:
    open_now = most = served = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now, most, served
        open_now += 1
        most = max(most, open_now)
        while await request_of(reader):
            served += 1
            await anyio.lowlevel.checkpoint()
            writer.write(ok(b"1"))
        open_now -= 1

    async with raw(serve) as endpoint:
        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for n in range(12):
                    group.start_soon(http.read, target(endpoint, f"/{n}"))
        assert served == 12
        assert most == 2


def hangs_up_when_idle(seen: list[bytes]) -> object:
    """Serves one request a connection and closes without having said so; logs every request line."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await request_of(reader)
        seen.append(first.split(b" ")[0])
        writer.write(ok(b"1"))
        await writer.drain()
        second = await request_of(reader)  # accepted by the socket, never answered
        if second:
            seen.append(second.split(b" ")[0] + b" lost")

    return serve


async def test_a_read_on_a_connection_that_died_idle_is_repeated_once(http: Http) -> None:
    seen: list[bytes] = []
    async with raw(hangs_up_when_idle(seen)) as endpoint:
        assert await http.read(target(endpoint)) == 1
        assert await http.read(target(endpoint)) == 1
        assert seen == [b"GET", b"GET lost", b"GET"]
        # now it is known to hang up, so nothing is lost any more, orders included
        assert await http.write(target(endpoint, op="writeproperty"), 1) == 1
        assert await http.write(target(endpoint, op="writeproperty"), 1) == 1
        assert seen[3:] == [b"PUT", b"PUT"]


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
async def test_an_order_that_may_have_arrived_is_never_repeated(http: Http, method: str) -> None:
    seen: list[bytes] = []
    async with raw(hangs_up_when_idle(seen)) as endpoint:
        assert await http.read(target(endpoint)) == 1
        with pytest.raises(DeviceGarbage, match="hung up"):
            await http.write(target(endpoint, op="writeproperty", method=method), 1)
        assert seen == [b"GET", method.encode() + b" lost"]


async def test_a_second_failure_is_not_repeated_again(http: Http) -> None:
    asked = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal asked
        await request_of(reader)
        asked += 1
        if asked == 1:
            writer.write(ok(b"1"))
            await request_of(reader)

    async with raw(serve) as endpoint:
        await http.read(target(endpoint))
        with pytest.raises(DeviceGarbage, match="hung up"):
            await http.read(target(endpoint))
        assert asked == 2


async def test_observe_without_a_subprotocol_is_not_supported(http: Http, echo: Endpoint) -> None:
    with pytest.raises(NotSupported):
        await anext(http.observe(target(echo, "/", "observeproperty")))


@pytest.mark.parametrize("host", ["::1", "::1%1"])
async def test_ipv6_with_and_without_a_zone(http: Http, host: str) -> None:
    hosts: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        hosts.append(request.headers["Host"])
        return web.json_response("six")

    async with app(web.get("/", answer), host="::1") as endpoint:
        there = Endpoint(host, endpoint.port)
        assert await http.read(target(there)) == "six"
        assert hosts == [f"[::1]:{endpoint.port}"]


async def test_the_session_can_be_closed_and_used_again(http: Http, echo: Endpoint) -> None:
    await http.read(target(echo, "/a"))
    await http.aclose()
    await http.aclose()
    await http.forget(echo)
    assert (await http.read(target(echo, "/b")))["path"] == "/b"
