"""How much anybody may send: a body that is too long is refused while it arrives, before anyone reads it."""

from __future__ import annotations

from http import HTTPStatus

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from claw.api.refusal import problem

MAX_BODY = 1024 * 1024  # bytes; an adapter document is the largest thing that is ever sent here
WORDS = f"This is more than the {MAX_BODY // 1024} KiB that are read here."
STATUS = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class Limits:
    """Counts what arrives and stops at `MAX_BODY`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if announced.isdigit() and int(announced[:20]) > MAX_BODY:
            await problem(STATUS, "too-long", WORDS, {"Connection": "close"})(scope, receive, send)
            return
        counted = 0

        async def counting() -> Message:
            nonlocal counted
            message = await receive()
            counted += len(message.get("body", b""))
            if counted > MAX_BODY:
                raise HTTPException(STATUS, WORDS)
            return message

        await self._app(scope, counting, send)
