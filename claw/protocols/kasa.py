"""TP-Link Kasa plugs, switches and bulbs on TCP port 9999: one question, one answer, one connection.

`href` is `/module/method`; the payload is the method's argument object, the answer what the method answers. `context`
in a payload (`{"child_ids": [...]}`, the outlets of a power strip) stands beside the module, as the devices want it.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from functools import partial

import anyio
from anyio.abc import ByteStream
from anyio.streams.buffered import BufferedByteReceiveStream

from claw.errors import AnswerTooLarge, DeviceGarbage, DeviceOffline, DeviceRefused, DeviceTimeout, NotSupported
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols.binding import DEFAULT_TIMEOUT
from claw.protocols.flights import Flights
from claw.protocols.http_wire import CONNECT_TIMEOUT
from claw.protocols.kasa_cipher import decrypt, encrypt

MAX_MESSAGE = 256 * 1024  # bytes; a strip's whole state is four thousand
_LENGTH = 4


class Kasa:
    """The `kasa` binding. The devices know no credentials."""

    name = "kasa"

    def __init__(self, *, timeout: float = DEFAULT_TIMEOUT, connect_timeout: float = CONNECT_TIMEOUT) -> None:
        self._timeout = timeout
        self._connect_timeout = connect_timeout
        self._flights = Flights()

    async def read(self, target: Target) -> Json:
        """Ask; identical questions at the same time share one exchange."""
        key = (target.endpoint.host, target.endpoint.port, target.form.href)
        return await self._flights.share(key, partial(self._ask, target, None))

    async def write(self, target: Target, payload: Json) -> Json:
        """Tell once."""
        return await self._ask(target, payload)

    async def invoke(self, target: Target, payload: Json) -> Json:
        """Tell once."""
        return await self._ask(target, payload)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """NotSupported: these devices answer, and say nothing by themselves."""
        yield await self._push(target)

    async def forget(self, endpoint: Endpoint) -> None:
        """Nothing is kept."""

    async def aclose(self) -> None:
        """Nothing is open."""

    async def _push(self, target: Target) -> Json:
        raise NotSupported(f"{target.endpoint.host} cannot push; it is polled instead.")

    async def _ask(self, target: Target, payload: Json) -> Json:
        module, _, method = target.form.href.strip("/").partition("/")
        if not module or not method or "/" in method:
            raise NotSupported("A Kasa href is /module/method; correct the adapter.")
        arguments = dict(payload) if isinstance(payload, dict) else {}
        context = arguments.pop("context", None)
        question: dict[str, Json] = {} if context is None else {"context": context}
        question[module] = {method: arguments}
        where = f"{target.endpoint.host}:{target.endpoint.port}"
        text = await self._exchange(target.endpoint, where, json.dumps(question))
        return _answer(text, module, method, where)

    async def _exchange(self, endpoint: Endpoint, where: str, question: str) -> str:
        sent = encrypt(question)
        try:
            with anyio.fail_after(self._connect_timeout):
                stream = await anyio.connect_tcp(endpoint.host, endpoint.port)
        except (OSError, TimeoutError) as error:
            raise DeviceOffline(f"{where} cannot be reached. Check its power and network.") from error
        try:
            async with stream:
                with anyio.fail_after(self._timeout):
                    await stream.send(len(sent).to_bytes(_LENGTH) + sent)
                    return decrypt(await _message(stream, where))
        except TimeoutError as error:
            raise DeviceTimeout(f"{where} did not answer in {self._timeout:g} s.") from error
        except (OSError, anyio.EndOfStream, anyio.IncompleteRead, anyio.BrokenResourceError) as error:
            raise DeviceGarbage(f"{where} broke off in the middle of its answer.") from error


async def _message(stream: ByteStream, where: str) -> bytes:
    """One answer, whole."""
    incoming = BufferedByteReceiveStream(stream)
    size = int.from_bytes(await incoming.receive_exactly(_LENGTH))
    if size > MAX_MESSAGE:
        raise AnswerTooLarge(
            f"{where} announces an answer of {size >> 10} KiB; at most {MAX_MESSAGE >> 10} are read."
        )
    return await incoming.receive_exactly(size)


def _answer(text: str, module: str, method: str, where: str) -> Json:
    """What the method answered. An error code other than 0, of the method or of its module, is a refusal."""
    try:
        said = json.loads(text)
        part = said[module]
        found = part[method] if "err_code" not in part else part
        code = found.get("err_code", 0)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise DeviceGarbage(f"{where} answers {method} with something else ({text[:60]!r}).") from error
    if code != 0:
        reason = str(found.get("err_msg", ""))[:100]
        raise DeviceRefused(f"{where} refuses {method}: {reason or 'error'} ({str(code)[:20]}).")
    result: Json = found
    return result
