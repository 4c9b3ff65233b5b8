"""The Kasa wire: what is sent, what comes of the answer, and devices that misbehave."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.abc import ByteStream, SocketAttribute

from claw.errors import (
    AnswerTooLarge,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
    NotSupported,
)
from claw.model.form import Endpoint, Form, Target
from claw.protocols.kasa import Kasa
from claw.protocols.kasa_cipher import decrypt, encrypt

Answer = Callable[[str], bytes | None]


def framed(said: Any) -> bytes:
    body = encrypt(json.dumps(said))
    return len(body).to_bytes(4) + body


@asynccontextmanager
async def device(answer: Answer) -> AsyncIterator[tuple[Endpoint, list[Any]]]:
    """A device on a free port that answers each question with these bytes, or not at all; and what it was asked."""
    asked: list[Any] = []

    async def serve(stream: ByteStream) -> None:
        async with stream:
            question = decrypt((await stream.receive())[4:])
            asked.append(json.loads(question))
            if (said := answer(question)) is None:
                await anyio.sleep_forever()
            else:
                await stream.send(said)

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        yield Endpoint("127.0.0.1", port, "kasa"), asked
        group.cancel_scope.cancel()


def target(endpoint: Endpoint, href: str = "/system/get_sysinfo") -> Target:
    return Target(endpoint, Form("readproperty", href))


async def test_a_question_names_module_and_method() -> None:
    async with device(lambda _: framed({"system": {"get_sysinfo": {"alias": "Lamp", "err_code": 0}}})) as (at, asked):
        assert await Kasa().read(target(at)) == {"alias": "Lamp", "err_code": 0}
    assert asked == [{"system": {"get_sysinfo": {}}}]


async def test_an_order_to_one_outlet_of_a_strip() -> None:
    async with device(lambda _: framed({"system": {"set_relay_state": {"err_code": 0}}})) as (at, asked):
        order = {"context": {"child_ids": ["8006"]}, "state": 1}
        await Kasa().write(target(at, "/system/set_relay_state"), order)
    assert asked == [{"context": {"child_ids": ["8006"]}, "system": {"set_relay_state": {"state": 1}}}]
    assert "context" in order


async def test_identical_reads_share_one_exchange() -> None:
    async with device(lambda _: framed({"system": {"get_sysinfo": {}}})) as (at, asked):
        kasa = Kasa()
        async with anyio.create_task_group() as group:
            for _ in range(5):
                group.start_soon(kasa.read, target(at))
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("said", "error", "words"),
    [
        (framed({"system": {"get_sysinfo": {"err_code": -3, "err_msg": "invalid argument"}}}), DeviceRefused, "-3"),
        (framed({"system": {"err_code": -1, "err_msg": "module not support"}}), DeviceRefused, "module not support"),
        (framed({"other": {}}), DeviceGarbage, "something else"),
        (framed([1]), DeviceGarbage, "something else"),
        (framed({"system": {"get_sysinfo": "on"}}), DeviceGarbage, "something else"),
        (b"\x00\x00\x00\x04\xff\xff\xff\xff", DeviceGarbage, "something else"),
        (b"\x00\x00\x00\x09short", DeviceGarbage, "broke off"),
        (b"\x00", DeviceGarbage, "broke off"),
        (b"\x7f\xff\xff\xff", AnswerTooLarge, "KiB"),
        (None, DeviceTimeout, "did not answer"),
    ],
)
async def test_a_device_that_misbehaves(said: bytes | None, error: type[DeviceError], words: str) -> None:
    async with device(lambda _: said) as (at, _):
        with anyio.fail_after(5), pytest.raises(error, match=words) as caught:
            await Kasa(timeout=0.3).read(target(at))
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)


async def test_nobody_there(unused_port: int) -> None:
    with pytest.raises(DeviceOffline, match="Check its power"):
        await Kasa().read(target(Endpoint("127.0.0.1", unused_port, "kasa")))


@pytest.mark.parametrize("href", ["/system", "/", "/a/b/c"])
async def test_an_href_is_module_and_method(href: str) -> None:
    with pytest.raises(NotSupported, match="module/method"):
        await Kasa().read(target(Endpoint("127.0.0.1", 1, "kasa"), href))


async def test_it_cannot_push() -> None:
    ask: Awaitable[Any] = anext(Kasa().observe(target(Endpoint("127.0.0.1", 1, "kasa"))))
    with pytest.raises(NotSupported, match="polled"):
        await ask
