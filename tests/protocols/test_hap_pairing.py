"""Pair setup: codes, refusals, and accessories that do not play by the rules."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from anyio.abc import SocketAttribute, SocketStream
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import AnswerTooLarge, CredentialWrong, DeviceError, DeviceGarbage, DeviceRefused
from claw.model.form import Endpoint
from claw.protocols.hap import Hap
from claw.protocols.hap_pairing import setup_code
from claw.protocols.hap_status import error_of
from tests.protocols.hap_zoo import CODE, Vault, layout, zoo


@given(
    st.from_regex(r"[0-9]{8}", fullmatch=True), st.lists(st.sampled_from(["", "-", " ", "."]), min_size=8, max_size=8)
)
def test_a_code_may_be_written_as_people_write_it(digits: str, gaps: list[str]) -> None:
    written = "".join(itertools.chain.from_iterable(zip(digits, gaps, strict=True)))
    assert setup_code(written) == f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


@given(st.text(max_size=12).filter(lambda text: sum(letter in "0123456789" for letter in text) != 8))
def test_anything_else_is_said_to_be_no_code(text: str) -> None:
    with pytest.raises(CredentialWrong, match="eight digits"):
        setup_code(text)


@pytest.mark.real
async def test_a_wrong_code_then_the_right_one_then_unpair(tmp_path: Path) -> None:
    async with zoo(tmp_path) as bridge:
        vault = Vault()
        hap = Hap(vault)
        with pytest.raises(CredentialWrong, match="The set-up code is wrong"):
            await hap.pair(bridge.endpoint, "031-45-155")
        assert not vault
        await hap.pair(bridge.endpoint, "03145154")
        assert "Hall Light" in layout(await hap.accessories(bridge.endpoint))
        await hap.unpair(bridge.endpoint)
        with pytest.raises(CredentialWrong.__base__, match="not paired"):  # type: ignore[arg-type]
            await hap.accessories(bridge.endpoint)
        await hap.pair(bridge.endpoint, f" {CODE} ")  # it takes a new controller again
        await hap.aclose()


@pytest.mark.real
async def test_an_accessory_that_was_reset_says_so_and_can_be_paired_anew(tmp_path: Path) -> None:
    vault = Vault()
    hap = Hap(vault)
    async with zoo(tmp_path) as bridge:
        await hap.pair(bridge.endpoint, CODE)
    (tmp_path / "state").unlink()
    async with zoo(tmp_path) as bridge:
        with pytest.raises(CredentialWrong, match="pair again"):
            await hap.accessories(bridge.endpoint)
        await hap.pair(bridge.endpoint, CODE)
        assert await hap.accessories(bridge.endpoint)
    await hap.aclose()


async def test_a_damaged_pairing_is_said_to_be_damaged() -> None:
    hap = Hap(Vault({"hap:x": "{"}))
    with pytest.raises(CredentialWrong, match="damaged"):
        await hap.accessories(Endpoint("127.0.0.1", 1, "hap", device_id="x"))


Answer = Callable[[SocketStream], Awaitable[None]]


@asynccontextmanager
async def rogue(answer: Answer) -> AsyncIterator[Endpoint]:
    """Something on a socket that is no honest accessory."""

    async def serve(stream: SocketStream) -> None:
        async with stream:
            try:
                await stream.receive()
                await answer(stream)
            except (anyio.BrokenResourceError, anyio.EndOfStream):
                pass

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, serve)
        port = listener.extra_attributes[SocketAttribute.local_port]()
        yield Endpoint("127.0.0.1", port, "hap", device_id="rogue")
        tasks.cancel_scope.cancel()


async def test_a_hundred_megabytes_are_cut_off() -> None:
    async def flood(stream: SocketStream) -> None:
        await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n")
        for _ in range(1600):
            await stream.send(bytes(65536))

    async with rogue(flood) as endpoint:
        with anyio.fail_after(20), pytest.raises(AnswerTooLarge):
            await Hap(Vault()).pair(endpoint, CODE)


@pytest.mark.parametrize(
    "answer",
    [
        b"\x00" * 100 + b"\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"EVENT/1.0 200 OK\r\nContent-Length: 0\r\n\r\nHTTP/1.1 x OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: -7\r\n\r\n",
        b"HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_garbage_is_an_error_of_ours(answer: bytes) -> None:
    async def say(stream: SocketStream) -> None:
        await stream.send(answer)

    async with rogue(say) as endpoint:
        with anyio.fail_after(25), pytest.raises((DeviceGarbage, DeviceRefused, DeviceError)):
            await Hap(Vault()).pair(endpoint, CODE)


@pytest.mark.parametrize(
    ("code", "words"),
    [(3, "few minutes"), (4, "no room"), (5, "Too many"), (6, "already paired"), (7, "someone else")],
)
async def test_every_refusal_says_what_to_do_next(code: int, words: str) -> None:
    tlv = bytes([6, 1, 2, 7, 1, code])  # state M2, and the error (HAP table 5-5)

    async def refuse(stream: SocketStream) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/pairing+tlv8\r\nContent-Length: {len(tlv)}\r\n\r\n"
        await stream.send(head.encode() + tlv)

    async with rogue(refuse) as endpoint:
        with anyio.fail_after(20), pytest.raises(DeviceRefused, match=words):
            await Hap(Vault()).pair(endpoint, CODE)


@given(st.integers(-80000, 80000) | st.none() | st.text(max_size=3))
def test_every_status_is_success_or_an_error_of_one_line(status: object) -> None:
    error = error_of(status)
    if isinstance(status, int) and status:
        assert error is not None
        assert str(-abs(status)) in str(error)
    else:
        assert error is None


async def test_hanging_up_is_an_error_of_ours() -> None:
    async def leave(stream: SocketStream) -> None:
        await stream.aclose()

    async with rogue(leave) as endpoint:
        with anyio.fail_after(20), pytest.raises(DeviceError):
            await Hap(Vault()).pair(endpoint, CODE)


@asynccontextmanager
async def refusing_once(behind: Endpoint) -> AsyncIterator[tuple[Endpoint, list[int]]]:
    """A relay before an accessory that refuses the first correct proof, as a stack that loses a zero byte does."""
    refusals: list[int] = []
    wrong = b"\x06\x01\x04\x07\x01\x02"  # state M4, error: authentication

    async def pump(source: SocketStream, sink: SocketStream) -> None:
        async for part in source:
            await sink.send(part)

    async def serve(client: SocketStream) -> None:
        async with client, await anyio.connect_tcp(behind.host, behind.port) as accessory:
            try:
                if not refusals:
                    refusals.append(1)
                    await accessory.send(await client.receive())  # M1
                    await client.send(await accessory.receive())  # M2
                    await client.receive()  # M3, the proof
                    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/pairing+tlv8\r\nContent-Length: 6\r\n\r\n"
                    await client.send(head + wrong)
                    return
                async with anyio.create_task_group() as both:
                    both.start_soon(pump, accessory, client)
                    await pump(client, accessory)
                    both.cancel_scope.cancel()
            except (anyio.BrokenResourceError, anyio.EndOfStream):
                pass

    async with (
        await anyio.create_tcp_listener(local_host="127.0.0.1") as listener,
        anyio.create_task_group() as tasks,
    ):
        tasks.start_soon(listener.serve, serve)
        port = listener.extra_attributes[SocketAttribute.local_port]()
        yield Endpoint("127.0.0.1", port, "hap", device_id=behind.device_id), refusals
        tasks.cancel_scope.cancel()


@pytest.mark.real
async def test_a_correct_code_that_is_refused_once_is_tried_again(tmp_path: Path) -> None:
    async with zoo(tmp_path) as bridge, refusing_once(bridge.endpoint) as (endpoint, refusals):
        vault = Vault()
        hap = Hap(vault)
        with anyio.fail_after(30):
            await hap.pair(endpoint, CODE)
        assert refusals == [1]
        assert vault
        await hap.aclose()
