"""The RTSP wire: logins, what comes of the answer, and cameras that misbehave."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import pytest
from anyio.abc import ByteStream, SocketAttribute
from anyio.streams.buffered import BufferedByteReceiveStream
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import (
    AnswerTooLarge,
    CredentialMissing,
    CredentialWrong,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
    NotSupported,
    RedirectRefused,
)
from claw.model.form import Endpoint, Form, Target
from claw.protocols.rtsp import Rtsp, media
from claw.protocols.rtsp_auth import authorization

SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\nm=audio 0 RTP/AVP 0\r\n"
SEEN = [{"kind": "video", "codec": "H264"}, {"kind": "audio", "codec": "PCMU"}]
NONCE, REALM = "abc123", "Front, door"
Answer = Callable[[str, dict[str, str]], bytes | None]


class Kept:
    """A store with one secret."""

    def __init__(self, secret: str = "") -> None:
        self.secret = secret

    async def get(self, ref: str) -> str | None:
        return self.secret if ref == "ref" else None

    async def put(self, ref: str, value: str) -> None:
        raise AssertionError((ref, value))


def said(status: str, *headers: str, body: str = "", cseq: str = "1") -> bytes:
    lines = [f"RTSP/1.0 {status}", f"CSeq: {cseq}", *headers, *([f"Content-Length: {len(body)}"] if body else [])]
    return ("\r\n".join((*lines, "", "")) + body).encode()


@asynccontextmanager
async def camera(answer: Answer, path: str = "/door") -> AsyncIterator[tuple[Target, list[str]]]:
    """A camera on a free port that answers each request with these bytes, or not at all; and what it was asked."""
    asked: list[str] = []

    async def serve(stream: ByteStream) -> None:
        incoming = BufferedByteReceiveStream(stream)
        async with stream:
            while True:
                try:
                    head = (await incoming.receive_until(b"\r\n\r\n", 65536)).decode()
                except (anyio.IncompleteRead, anyio.BrokenResourceError):
                    return
                first, *rest = head.split("\r\n")
                asked.append(first)
                found = answer(first, {row.partition(": ")[0]: row.partition(": ")[2] for row in rest})
                if found is None:
                    await anyio.sleep_forever()
                else:
                    await stream.send(found)
                    if not found.startswith(b"RTSP/1.0 401"):
                        return

    listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
    async with listener, anyio.create_task_group() as group:
        group.start_soon(listener.serve, serve)
        port = listener.extra(SocketAttribute.local_port)  # noqa: S610 - not Django's
        where = Endpoint("127.0.0.1", port, "rtsp", secret="ref", path=path)
        yield Target(where, Form("readproperty", "/")), asked
        group.cancel_scope.cancel()


def locked(*challenges: str, check: Callable[[str, str], bool]) -> Answer:
    """Opens for an `Authorization` that `check` agrees with."""

    def answer(first: str, headers: dict[str, str]) -> bytes:
        proof = headers.get("Authorization", "")
        if proof and check(proof, first.split()[1]):
            return said("200 OK", body=SDP, cseq=headers["CSeq"])
        return said("401 Unauthorized", *(f"WWW-Authenticate: {each}" for each in challenges), cseq=headers["CSeq"])

    return answer


def basic(proof: str, _: str) -> bool:
    return proof == "Basic " + b64encode(b"viewer:let:me in").decode()


def digest(name: str) -> Callable[[str, str], bool]:
    """The server's side of RFC 7616, from the fields that it was sent."""

    def check(proof: str, uri: str) -> bool:
        sent = {key: a or b for key, a, b in re.findall(r'(\w+)=(?:"([^"]*)"|([^, ]+))', proof)}

        def hashed(text: str) -> str:
            return hashlib.new(name, text.encode()).hexdigest()

        first, second = hashed(f"viewer:{REALM}:let:me in"), hashed(f"DESCRIBE:{uri}")
        middle = f"{sent['nc']}:{sent['cnonce']}:{sent['qop']}:" if "qop" in sent else ""
        want = hashed(f"{first}:{NONCE}:{middle}{second}")
        return (sent["username"], sent["nonce"], sent["uri"], sent["response"]) == ("viewer", NONCE, uri, want)

    return check


DIGEST = f'Digest realm="{REALM}", nonce="{NONCE}"'
LOCKS = {
    "basic": locked(f'Basic realm="{REALM}"', check=basic),
    "2069": locked(DIGEST, check=digest("md5")),
    "md5": locked(f'{DIGEST}, qop="auth,auth-int", algorithm=MD5, opaque="x"', check=digest("md5")),
    "sha": locked(f'{DIGEST}, qop="auth", algorithm=SHA-256', check=digest("sha256")),
    "best": locked('Basic realm="x"', DIGEST, f"{DIGEST}, algorithm=SHA-256", check=digest("sha256")),
}


async def test_a_description() -> None:
    async with camera(lambda *_: said("200 OK", body=SDP), "/a door?channel=1&sub=0") as (target, asked):
        found = await Rtsp(Kept()).read(target)
    assert found == {"stream": "/a%20door?channel=1&sub=0", "media": SEEN}
    assert asked == [f"DESCRIBE rtsp://127.0.0.1:{target.endpoint.port}/a%20door?channel=1&sub=0 RTSP/1.0"]


@pytest.mark.parametrize("lock", LOCKS)
async def test_a_login(lock: str) -> None:
    async with camera(LOCKS[lock]) as (target, _):
        assert await Rtsp(Kept("viewer:let:me in")).read(target) == {"stream": "/door", "media": SEEN}
        with pytest.raises(CredentialWrong, match="--secret user:password") as wrong:
            await Rtsp(Kept("viewer:guess")).read(target)
        with pytest.raises(CredentialMissing, match="--secret user:password") as missing:
            await Rtsp(Kept()).read(target)
    assert type(missing.value) is CredentialMissing
    assert not re.search("\n|guess", f"{wrong.value}{missing.value}")


@pytest.mark.parametrize("secret", ["password", "a\nb:c", 'a"b:c'])
async def test_a_login_that_is_none_is_not_sent(secret: str) -> None:
    async with camera(LOCKS["basic"]) as (target, asked):
        with pytest.raises(CredentialWrong, match="user:password"):
            await Rtsp(Kept(secret)).read(target)
    assert asked == []


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (said("404 Not Found"), DeviceRefused, "no stream at /door"),
        (said("500 Internal Server Error"), DeviceRefused, "500"),
        (said("403 Forbidden"), CredentialWrong, "does not accept"),
        (said("302 Moved", "Location: rtsp://192.0.2.1/x"), RedirectRefused, "another address"),
        (said("401 Unauthorized", 'WWW-Authenticate: Negotiate x="1"'), NotSupported, "neither basic nor digest"),
        (said("200 OK", body=SDP, cseq="7"), DeviceGarbage, "does not speak RTSP"),
        (said("200 OK"), DeviceGarbage, "describes no stream"),
        (said("200 OK", body="<html></html>"), DeviceGarbage, "describes no stream"),
        (said("200 OK", "Content-Length: -4"), DeviceGarbage, "no sensible length"),
        (said("200 OK", "Content-Length: " + "9" * 5000), AnswerTooLarge, "KiB"),
        (said("200 OK", "Content-Length: 70000"), AnswerTooLarge, "KiB"),
        (said("200 OK", "Content-Length: 9") + b"short", DeviceGarbage, "broke off"),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", DeviceGarbage, "does not speak RTSP"),
        (b"\xff\x00\xfe\r\n\r\n", DeviceGarbage, "does not speak RTSP"),
        (b"RTSP/1.0 200", DeviceGarbage, "broke off"),
        (b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 20000, AnswerTooLarge, "headers"),
        (None, DeviceTimeout, "did not answer"),
    ],
)
async def test_a_camera_that_misbehaves(answer: bytes | None, error: type[DeviceError], words: str) -> None:
    async with camera(lambda *_: answer) as (target, _):
        with anyio.fail_after(5), pytest.raises(error, match=words) as caught:
            await Rtsp(Kept("a:b"), timeout=0.5).read(target)
    assert type(caught.value) is error
    assert "\n" not in str(caught.value)


async def test_nobody_there(unused_port: int) -> None:
    with pytest.raises(DeviceOffline, match="Check its power"):
        await Rtsp(Kept()).read(Target(Endpoint("127.0.0.1", unused_port, "rtsp"), Form("readproperty", "/")))


async def test_it_can_only_be_read() -> None:
    rtsp, target = Rtsp(Kept()), Target(Endpoint("127.0.0.1", 1, "rtsp"), Form("readproperty", "/x"))
    asks: list[Awaitable[Any]] = [
        rtsp.read(target), rtsp.write(target, 1), rtsp.invoke(target, None), anext(rtsp.observe(target)),
    ]  # fmt: skip
    for ask in asks:
        with pytest.raises(NotSupported):
            await ask


@given(st.text(max_size=300))
def test_law_any_text_is_a_description_or_garbage(text: str) -> None:
    for sdp in (text, f"m={text}", SDP + text):
        try:
            assert all(set(each) == {"kind", "codec"} for each in media(sdp, "camera") if isinstance(each, dict))
        except DeviceGarbage as error:
            assert "\n" not in str(error)  # noqa: PT017 - either is fine


@given(st.lists(st.one_of(st.text(max_size=80), st.text(max_size=40).map(DIGEST.__add__)), max_size=4))
def test_law_any_challenge_is_answered_on_one_line_or_not(challenges: list[str]) -> None:
    rows = [each.replace("\r", "").replace("\n", "") for each in challenges]
    assert "\n" not in (authorization(rows, ("viewer", "x"), "DESCRIBE", "rtsp://h/") or "")
