"""The first to hear every request: answers health and texts itself, and hands the rest to the whole API.

The whole API (FastAPI, its routes and their shapes) costs 150 ms to load, which a text after a restart need not wait
for. It is loaded once the house has been quiet for a moment, or by the first request that wants it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus

import anyio
import anyio.to_thread
from anyio.abc import TaskStatus
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from claw.api.gate import Gate
from claw.api.refusal import refusal, unexpected
from claw.api.replies import MessageIn
from claw.api.texts import MAX_TEXT, Texts
from claw.api.vitals import HealthOut
from claw.errors import ClawError
from claw.lifespan import Services

QUIET = 0.5  # seconds without a text after which there is time for other things
MAX_BODY = 4 * MAX_TEXT + 1024  # bytes of a text as JSON; more is the whole API's to refuse
TURNS = 0.0005  # seconds that a thread may compute before the loop gets its turn, while much is loaded


class Door:
    """The ASGI application of the daemon. `load` makes the whole API; it runs in a thread, once."""

    def __init__(self, services: Services, gate: Gate, texts: Texts, load: Callable[[], ASGIApp]) -> None:
        self._services = services
        self._gate = gate
        self._texts = texts
        self._load = load
        self._rest: ASGIApp | None = None
        self._loading = anyio.Lock()
        self._settled = anyio.Event()
        self._heard = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        match (scope["type"], scope.get("method"), scope.get("path")):
            case ("http", "GET", "/readyz"):
                await self._ready()(scope, receive, send)
            case ("http", "POST", "/api/v1/messages"):
                await self._message(scope, receive, send)
            case _:
                await (await self.rest())(scope, receive, send)

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Load the whole API once the house is quiet."""
        task_status.started()
        self._heard = max(self._heard, anyio.current_time())
        while (wait := self._heard + QUIET - anyio.current_time()) > 0:  # noqa: ASYNC110 - not an event: its absence
            await anyio.sleep(wait)
        await self.rest()
        self._settled.set()

    async def settled(self) -> None:
        """Wait until the start is over: nobody spoke for a moment, and the whole API is there."""
        await self._settled.wait()

    async def rest(self) -> ASGIApp:
        """The whole API."""
        if self._rest is None:
            async with self._loading:
                if self._rest is None:
                    with _sharing():
                        self._rest = await anyio.to_thread.run_sync(self._load)
        return self._rest

    def _ready(self) -> Response:
        health = HealthOut.of(self._services)
        return JSONResponse(health.model_dump(), HTTPStatus.OK if health.ready else HTTPStatus.SERVICE_UNAVAILABLE)

    async def _message(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a plain text; whatever looks odd is the whole API's to judge, which says what is wrong with it."""
        self._heard = anyio.current_time()
        request = Request(scope, receive)
        body, heard = bytearray(), list[Message]()
        while len(body) <= MAX_BODY:
            heard.append(message := await receive())
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        given = _message_in(request, bytes(body))
        if given is None:
            await (await self.rest())(scope, _again(heard, receive), send)
            return
        try:
            principal = await self._gate(request)
            reply = await self._texts.answer(given, principal)
            response: Response = Response(reply.model_dump_json(), media_type="application/json")
        except ClawError as error:
            response = refusal(error)
        except Exception as error:  # noqa: BLE001 - told as a problem, and logged whole
            response = unexpected("POST", request.url.path, error)
        await response(scope, receive, send)


def _message_in(request: Request, body: bytes) -> MessageIn | None:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return None
    try:
        return MessageIn.model_validate(json.loads(body))
    except (ValidationError, ValueError, RecursionError):
        return None


def _again(heard: list[Message], receive: Receive) -> Receive:
    """The messages that were heard, then those that follow."""

    async def replay() -> Message:
        return heard.pop(0) if heard else await receive()

    return replay


@contextmanager
def _sharing() -> Iterator[None]:
    """Let no thread keep the loop waiting for long: imports compute without a pause."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURNS)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)
