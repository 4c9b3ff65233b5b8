"""RTSP cameras (RFC 2326): a DESCRIBE shows that the stream is there, whose it is, and what is in it.

`href` is `/`: the path of the address that a person gave. A read gives its path and what is in it:
`{"stream": path, "media": [{"kind", "codec"}]}`.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import anyio
from anyio.abc import ByteStream
from anyio.streams.buffered import BufferedByteReceiveStream

from claw.errors import (
    AnswerTooLarge,
    CredentialMissing,
    CredentialWrong,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
    NotSupported,
    RedirectRefused,
)
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols.binding import Secrets
from claw.protocols.flights import Flights
from claw.protocols.http_wire import CONNECT_TIMEOUT, UNQUOTED
from claw.protocols.rtsp_auth import authorization

TIMEOUT = 10.0  # seconds; some cameras start their encoder before they describe it
MAX_HEAD = 16 * 1024
MAX_BODY = 64 * 1024
MAX_MEDIA = 16
_UNAUTHORIZED = 401
_STATIC = {"0": "PCMU", "8": "PCMA", "14": "MPA", "26": "JPEG", "32": "MPV", "33": "MP2T"}  # RFC 3551


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: str

    def all(self, name: str) -> list[str]:
        """Every header of that name."""
        return [value for key, value in self.headers if key == name]


class Rtsp:
    """The `rtsp` binding. Pictures never come through here."""

    name = "rtsp"

    def __init__(
        self, secrets: Secrets, *, timeout: float = TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT
    ) -> None:
        self._secrets = secrets
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._flights = Flights()

    async def read(self, target: Target) -> Json:
        """Ask for the description; identical questions at the same time share one exchange."""
        if target.form.href != "/":
            raise NotSupported("An RTSP href is '/', the path that a person gave; correct the adapter.")
        return await self._flights.share(target.endpoint, partial(self._describe, target.endpoint))

    async def write(self, target: Target, payload: Json) -> Json:  # noqa: ARG002 - nothing can be written
        """NotSupported."""
        raise NotSupported(f"{target.endpoint.host} streams; nothing can be set over RTSP.")

    async def invoke(self, target: Target, payload: Json) -> Json:
        """NotSupported."""
        return await self.write(target, payload)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """NotSupported: a description does not change by itself."""
        yield await self._push(target)

    async def forget(self, endpoint: Endpoint) -> None:
        """Nothing is kept."""

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _push(self, target: Target) -> Json:
        raise NotSupported(f"{target.endpoint.host} cannot push; it is polled instead.")

    async def _describe(self, endpoint: Endpoint) -> Json:
        where = f"{endpoint.host}:{endpoint.port}"
        path = quote(endpoint.path or "/", safe=UNQUOTED)
        login = await self._login(endpoint)
        try:
            with anyio.fail_after(self._connect_timeout):
                stream = await anyio.connect_tcp(endpoint.host, endpoint.port)
        except (OSError, TimeoutError) as error:
            raise DeviceOffline(f"{where} cannot be reached. Check its power and network.") from error
        try:
            async with stream:
                with anyio.fail_after(self._timeout):
                    answer = await _Exchange(stream, endpoint, path, where).describe(login)
        except TimeoutError as error:
            raise DeviceTimeout(f"{where} did not answer in {self._timeout:g} s.") from error
        except (OSError, anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError) as error:
            raise DeviceGarbage(f"{where} broke off in the middle of its answer.") from error
        return {"stream": path, "media": media(answer, where)}

    async def _login(self, endpoint: Endpoint) -> tuple[str, str] | None:
        secret = (await self._secrets.get(endpoint.secret) or "").strip() if endpoint.secret else ""
        if not secret:
            return None
        user, colon, password = secret.partition(":")
        if not (colon and secret.isprintable()) or '"' in user or "\\" in user:
            raise CredentialWrong(f"That is no login of {endpoint.host}; give it with `--secret user:password`.")
        return user, password


class _Exchange:
    """Question and answer on one connection: the nonce of some cameras is good for that one only."""

    def __init__(self, stream: ByteStream, endpoint: Endpoint, path: str, where: str) -> None:
        self._stream = stream
        self._incoming = BufferedByteReceiveStream(stream)
        host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
        self._uri = f"rtsp://{host}:{endpoint.port}{path}"
        self._path = path
        self._where = where
        self._number = 0

    async def describe(self, login: tuple[str, str] | None) -> str:
        """The description of the stream, as SDP."""
        answer = await self._ask("")
        if answer.status == _UNAUTHORIZED:
            if login is None:
                raise CredentialMissing(f"{self._where} wants a login; give it with `--secret user:password`.")
            proof = authorization(answer.all("www-authenticate"), login, "DESCRIBE", self._uri)
            if proof is None:
                raise NotSupported(f"{self._where} wants a kind of login that is neither basic nor digest.")
            answer = await self._ask(proof)
        match answer.status // 100:
            case 2:
                return answer.body
            case 3:
                raise RedirectRefused(f"{self._where} points at another address; give that one yourself.")
        if answer.status in (_UNAUTHORIZED, 403):
            raise CredentialWrong(
                f"{self._where} does not accept that login; give the right one with `--secret user:password`."
            )
        if answer.status == 404:  # noqa: PLR2004 - Not Found
            raise DeviceRefused(f"{self._where} has no stream at {self._path[:80]}; check the path.")
        raise DeviceRefused(f"{self._where} answers {answer.status} for {self._path[:80]}.")

    async def _ask(self, proof: str) -> _Answer:
        self._number += 1
        lines = [
            f"DESCRIBE {self._uri} RTSP/1.0",
            f"CSeq: {self._number}",
            "Accept: application/sdp",
            "User-Agent: Claw",
            *([f"Authorization: {proof}"] if proof else []),
        ]
        await self._stream.send("\r\n".join((*lines, "", "")).encode())
        try:
            head = (await self._incoming.receive_until(b"\r\n\r\n", MAX_HEAD)).decode("utf-8", "replace")
        except anyio.DelimiterNotFound as error:
            raise AnswerTooLarge(f"{self._where} sends more than {MAX_HEAD >> 10} KiB of headers.") from error
        first, *rest = head.split("\r\n")
        version, _, status = first.partition(" ")
        fields = tuple((key.strip().lower(), value.strip()) for key, _, value in (row.partition(":") for row in rest))
        answer = _Answer(int(status[:3]) if _number(status[:3]) else 0, fields, "")
        numbers = answer.all("cseq")
        if not version.startswith("RTSP/") or not answer.status or (numbers and numbers != [str(self._number)]):
            raise DeviceGarbage(f"{self._where} does not speak RTSP ({first[:60]!r}).")
        length = (answer.all("content-length") or ["0"])[0]
        if not _number(length):
            raise DeviceGarbage(f"{self._where} gives its answer no sensible length ({length[:20]!r}).")
        if len(length) > 9 or int(length) > MAX_BODY:  # noqa: PLR2004 - digits that int need not read
            raise AnswerTooLarge(f"{self._where} announces an answer of more than {MAX_BODY >> 10} KiB.")
        body = await self._incoming.receive_exactly(int(length)) if int(length) else b""
        return _Answer(answer.status, fields, body.decode("utf-8", "replace"))


def media(sdp: str, where: str) -> list[Json]:
    """What a description says is in the stream: `{"kind", "codec"}` each. Raises DeviceGarbage for no description."""
    found: list[dict[str, str]] = []
    formats: list[str] = []
    for line in sdp.splitlines():
        words = line.strip().split()
        if line.startswith("m=") and len(found) < MAX_MEDIA:
            kind, payload = words[0][2:22], (words[3:4] or [""])[0]
            found.append({"kind": kind.lower(), "codec": _STATIC.get(payload, "")})
            formats.append(payload)
        elif found and line.startswith("a=rtpmap:") and words[0][9:] == formats[-1]:
            found[-1]["codec"] = (words[1:2] or [""])[0].partition("/")[0][:30].upper()
    if not found:
        raise DeviceGarbage(f"{where} describes no stream ({sdp[:40]!r}).")
    return [dict(each) for each in found]


def _number(text: str) -> bool:
    return text.isascii() and text.isdecimal()
