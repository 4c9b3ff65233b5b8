"""Credentials reach the device in the way it wants, and reach nothing else."""

from __future__ import annotations

import logging
import traceback
from base64 import b64decode
from collections.abc import AsyncGenerator
from dataclasses import replace
from urllib.parse import quote

import anyio
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claw.errors import CredentialMissing, CredentialWrong, DeviceError, DeviceRefused, RedirectRefused
from claw.model.form import Endpoint
from claw.protocols.http import Http
from claw.protocols.http_auth import Credentials
from tests.protocols.http_servers import DigestGate, Memory, app, once, raw, target

SECRET = "s3cr3t/ä key"


@pytest.fixture
def memory() -> Memory:
    return Memory(ref=SECRET)


@pytest.fixture
async def http(memory: Memory) -> AsyncGenerator[Http]:
    binding = Http(memory, timeout=2, connect_timeout=1)
    yield binding
    await binding.aclose()


@pytest.fixture
async def mirror() -> AsyncGenerator[Endpoint]:
    async def answer(request: web.Request) -> web.Response:
        return web.json_response({"path": request.raw_path, **{k.lower(): v for k, v in request.headers.items()}})

    async with app(web.get("/{any:.*}", answer)) as endpoint:
        yield replace(endpoint, secret="ref")


async def test_bearer_and_header(http: Http, memory: Memory, mirror: Endpoint) -> None:
    memory.kept["ref"] = "tok-1"
    assert (await http.read(target(replace(mirror, auth="bearer"))))["authorization"] == "Bearer tok-1"
    answer = await http.read(target(replace(mirror, auth="header", auth_name="X-Key")))
    assert answer["x-key"] == "tok-1"
    assert "authorization" not in answer


async def test_basic(http: Http, memory: Memory, mirror: Endpoint) -> None:
    async def login(secret: str, name: str = "") -> str:
        memory.kept["ref"] = secret
        sent = (await http.read(target(replace(mirror, auth="basic", auth_name=name))))["authorization"]
        return b64decode(sent.removeprefix("Basic ")).decode()

    assert await login("anna:pa:ss") == "anna:pa:ss"
    assert await login("pa:ss", "anna") == "anna:pa:ss"
    assert await login("pass") == "admin:pass"


async def test_uri(http: Http, mirror: Endpoint) -> None:
    endpoint = replace(mirror, auth="uri", auth_name="username")
    answer = await http.read(target(endpoint, "/api/{username}/lights"))
    assert answer["path"] == f"/api/{quote(SECRET, safe='')}/lights"
    assert (await http.read(target(endpoint, "/api/config")))["path"] == "/api/config"


async def test_a_credential_that_nobody_gave_is_missing_only_when_the_device_asks(http: Http, memory: Memory) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=int(request.match_info["status"]), text="1")

    memory.kept.clear()
    async with app(web.get("/{status}", answer)) as plain:
        endpoint = replace(plain, auth="header", auth_name="X-Key", secret="ref")
        assert await http.read(target(endpoint, "/200")) == 1
        for href in ("/401", "/403"):
            with pytest.raises(CredentialMissing, match="needs a credential") as caught:
                await http.read(target(endpoint, href))
            assert not isinstance(caught.value, CredentialWrong)
        memory.kept["ref"] = "x1y2"
        with pytest.raises(CredentialWrong):
            await http.read(target(endpoint, "/401"))
        with pytest.raises(DeviceRefused, match="403"):
            await http.read(target(endpoint, "/403"))


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_digest(http: Http, memory: Memory, algorithm: str) -> None:
    memory.kept["ref"] = "s3cr3t"
    gate = DigestGate(algorithm, "admin", "s3cr3t")
    bodies: list[str] = []
    peers: set[object] = set()

    async def rpc(request: web.Request) -> web.Response:
        peers.add(request.transport)
        if not gate.admits(request):
            return gate.challenge()
        bodies.append(await request.text())
        return web.json_response({"ok": True})

    async with app(web.route("*", "/rpc/{any:.*}", rpc)) as plain:
        endpoint = replace(plain, auth="digest", secret="ref", auth_name="admin")
        href = "/rpc/Switch.Set?id=0&on=a%20b"
        assert await http.read(target(endpoint, href)) == {"ok": True}
        assert gate.challenges == 1
        assert await http.write(target(endpoint, "/rpc/x", "writeproperty", "POST"), {"id": 0}) == {"ok": True}
        assert gate.challenges == 1, "the nonce is used again; an order does not cost two exchanges"
        assert bodies == ["", '{"id":0}']
        gate.issued.clear()  # stale: it asks again and is answered
        assert await http.read(target(endpoint, href)) == {"ok": True}
        assert len(peers) == 1, "all of it on one connection"
        memory.kept["ref"] = "wrong"
        with pytest.raises(CredentialWrong, match="refuses the credential"):
            await http.read(target(endpoint, href))
        await http.forget(endpoint)
        memory.kept["ref"] = "admin:s3cr3t"
        assert await http.read(target(replace(endpoint, auth_name=""), href)) == {"ok": True}


async def test_digest_under_load(http: Http, memory: Memory) -> None:
    memory.kept["ref"] = "s3cr3t"
    gate = DigestGate("SHA-256", "admin", "s3cr3t")

    async def rpc(request: web.Request) -> web.Response:
        return web.json_response(1) if gate.admits(request) else gate.challenge()

    async with app(web.get("/{n}", rpc)) as plain:
        endpoint = replace(plain, auth="digest", secret="ref")
        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for n in range(20):
                    group.start_soon(http.read, target(endpoint, f"/{n}"))
        assert len(gate.counts) == 20


async def test_a_401_of_100_megabytes_is_not_read(http: Http, memory: Memory) -> None:
    memory.kept["ref"] = "s3cr3t"
    head = b'HTTP/1.1 401 No\r\nWWW-Authenticate: Digest realm="r", nonce="n", qop="auth"\r\n\r\n'
    async with raw(once(head + b"x" * 100_000_000)) as plain:
        with anyio.fail_after(4), pytest.raises(DeviceError):
            await http.read(target(replace(plain, auth="digest", secret="ref")))


async def test_a_credential_is_not_carried_to_another_port(http: Http, memory: Memory, mirror: Endpoint) -> None:
    memory.kept["ref"] = "tok-1"
    answer = f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{mirror.port}/\r\nContent-Length: 0\r\n\r\n".encode()
    async with raw(once(answer)) as plain:
        with pytest.raises(RedirectRefused):
            await http.read(target(replace(plain, auth="bearer", secret="ref")))
        assert (await http.read(target(plain)))["host"] == f"127.0.0.1:{mirror.port}"


ECHOES = [
    b"HTTP/1.1 500 No\r\n\r\nunauthorized user %s (%s)",
    b"HTTP/1.1 401 No\r\n\r\n%s %s",
    b"HTTP/1.1 302 Go\r\nLocation: http://192.0.2.1/%s/%s\r\n\r\n",
    b"HTTP/1.1 %s %s\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: %s %s\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n%s %s",
    b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n%s %s",
    b"%s %s",
    b"",
]


@pytest.mark.parametrize("auth", ["uri", "header", "bearer", "basic", "digest"])
@pytest.mark.parametrize("echo", ECHOES)
async def test_the_secret_shows_in_no_error_and_no_log(
    http: Http, memory: Memory, auth: str, echo: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secret = memory.kept["ref"] = "hunter2/abcdef"
    answer = echo % (secret.encode(), quote(secret, safe="").encode()) if echo.count(b"%s") else echo
    async with raw(once(answer)) as plain:
        endpoint = replace(plain, auth=auth, auth_name="key", secret="ref")
        with anyio.fail_after(5), pytest.raises(DeviceError) as caught:
            await http.read(target(endpoint, "/api/{key}/x" if auth == "uri" else "/x"))
    shown = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + caplog.text
    for word in (secret, quote(secret, safe=""), "hunter2"):
        assert word not in shown


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=30))
@settings(suppress_health_check=[HealthCheck.too_slow])
async def test_a_percent_encoded_secret_never_leaves_its_path_segment(secret: str) -> None:
    endpoint = Endpoint("127.0.0.1", 80, auth="uri", auth_name="key", secret="ref")
    if not secret.strip() or not secret.strip().isprintable():
        return
    signed = await Credentials(Memory(ref=secret)).sign(endpoint, "/api/{key}/x?q=1")
    assert signed.href.count("/") == 3
    assert signed.href.count("?") == 1
    assert "#" not in signed.href
    assert signed.hide(f"bad {secret.strip()} {signed.href}").count("***") >= 2


@pytest.mark.parametrize(("auth", "secret"), [("bearer", "a\r\nX: y"), ("carrier-pigeon", "abc")])
async def test_credentials_that_cannot_travel(
    http: Http, memory: Memory, mirror: Endpoint, auth: str, secret: str
) -> None:
    memory.kept["ref"] = secret
    with pytest.raises(CredentialWrong) as caught:
        await http.read(target(replace(mirror, auth=auth)))
    assert secret not in str(caught.value)
