"""Self-signed certificates: the first is pinned before anything secret is sent, another one is refused."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from claw.errors import DeviceGarbage, DeviceOffline, DeviceRefused
from claw.model.form import Endpoint
from claw.protocols.http import Http
from tests.protocols.http_servers import Memory, Serve, ok, once, raw, request_of, target


def self_signed(folder: Path, name: str) -> tuple[ssl.SSLContext, str]:
    """A server context with a fresh certificate for a wrong name, long expired; and its fingerprint."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(dt.datetime(2015, 1, 1, tzinfo=dt.UTC))
        .not_valid_after(dt.datetime(2016, 1, 1, tzinfo=dt.UTC))
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, certificate.fingerprint(hashes.SHA256()).hex()


def device(seen: list[bytes]) -> Serve:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await request_of(reader):
            seen.append(request)
            writer.write(ok(b'"tls"'))
            await writer.drain()

    return serve


@pytest.fixture
def memory() -> Memory:
    return Memory(ref="tok-1")


@pytest.fixture
async def http(memory: Memory) -> AsyncGenerator[Http]:
    binding = Http(memory, timeout=3, connect_timeout=1)
    yield binding
    await binding.aclose()


def with_token(endpoint: Endpoint) -> Endpoint:
    return replace(endpoint, auth="bearer", secret="ref")


async def test_the_first_certificate_is_pinned_and_connections_are_kept(
    http: Http, memory: Memory, tmp_path: Path
) -> None:
    context, fingerprint = self_signed(tmp_path, "bridge")
    seen: list[bytes] = []
    connections = 0
    serve = device(seen)

    async def counting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await serve(reader, writer)

    async with raw(counting, tls=context) as endpoint:
        with anyio.fail_after(5):
            for _ in range(3):
                assert await http.read(target(with_token(endpoint))) == "tls"
    assert memory.kept["tls:d1"] == fingerprint
    assert connections == 2, "one look at the certificate, then one connection for all"
    assert all(b"Authorization: Bearer tok-1" in request for request in seen)


async def test_a_changed_certificate_gets_nothing(http: Http, memory: Memory, tmp_path: Path) -> None:
    _, other = self_signed(tmp_path, "before")
    memory.kept["tls:d1"] = other
    context, fingerprint = self_signed(tmp_path, "after")
    seen: list[bytes] = []
    async with raw(device(seen), tls=context) as endpoint:
        for _ in range(2):
            with anyio.fail_after(5), pytest.raises(DeviceRefused, match="another certificate than before"):
                await http.write(target(with_token(endpoint), op="writeproperty"), {"on": True})
        assert seen == []
        assert memory.kept["tls:d1"] == other
        memory.kept["tls:d1"] = ""  # a person removed the device and adopts it again
        await http.forget(with_token(endpoint))
        assert await http.read(target(with_token(endpoint))) == "tls"
        assert memory.kept["tls:d1"] == fingerprint


async def test_a_pin_outlives_the_process(http: Http, memory: Memory, tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path, "one")
    async with raw(device([]), tls=context) as endpoint:
        await http.read(target(endpoint))
    later = Http(memory)
    context, _ = self_signed(tmp_path, "two")
    async with raw(device([]), tls=context) as endpoint:
        with pytest.raises(DeviceRefused, match="another certificate"):
            await later.read(target(endpoint))
    await later.aclose()


async def test_a_device_without_an_id_is_pinned_for_this_run_only(http: Http, memory: Memory, tmp_path: Path) -> None:
    context, _ = self_signed(tmp_path, "nameless")
    async with raw(device([]), tls=context) as endpoint:
        assert await http.read(target(replace(endpoint, device_id=""))) == "tls"
    assert list(memory.kept) == ["ref"]


async def test_what_does_not_speak_tls(http: Http, unused_port: int) -> None:
    with pytest.raises(DeviceOffline, match="cannot be reached"):
        await http.read(target(Endpoint("127.0.0.1", unused_port, "https")))
    async with raw(once(b"HTTP/1.1 400 Bad\r\n\r\n")) as endpoint:
        with anyio.fail_after(5), pytest.raises((DeviceGarbage, DeviceOffline)):
            await http.read(target(replace(endpoint, scheme="https")))


async def test_a_redirect_to_https_on_the_same_machine_is_pinned_too(
    http: Http, memory: Memory, tmp_path: Path
) -> None:
    context, fingerprint = self_signed(tmp_path, "upgrade")
    async with raw(device([]), tls=context) as secure:
        answer = f"HTTP/1.1 301 Up\r\nLocation: https://127.0.0.1:{secure.port}/\r\nContent-Length: 0\r\n\r\n"
        async with raw(once(answer.encode())) as plain:
            assert await http.read(target(plain)) == "tls"
    assert memory.kept["tls:d1"] == fingerprint
