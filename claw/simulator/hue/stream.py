"""The bridge's event stream: server-sent events of what changed (CLIP v2, /eventstream/clip/v2)."""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime

import anyio
from aiohttp import web
from anyio.streams.memory import MemoryObjectSendStream

from claw.model.json import Json

_BUFFER = 256
_KEEP_ALIVE = 10.0  # seconds between ": hi" comments


class EventStream:
    """Every open stream, and the way to tell them something."""

    def __init__(self) -> None:
        self._listeners: set[MemoryObjectSendStream[bytes]] = set()
        self._count = 0

    def publish(self, resource: dict[str, Json]) -> None:
        """Tell every listener of one changed resource."""
        if not self._listeners:
            return
        self._count += 1
        created = datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        event = {"creationtime": created, "data": [resource], "id": str(uuid.uuid4()), "type": "update"}
        message = f"id: {int(time.time())}:{self._count}\ndata: {json.dumps([event])}\n\n".encode()
        for listener in tuple(self._listeners):
            try:
                listener.send_nowait(message)
            except (anyio.WouldBlock, anyio.BrokenResourceError):
                self._listeners.discard(listener)  # too slow or gone: the bridge drops it too

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Stream events until the client hangs up."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"})
        send, receive = anyio.create_memory_object_stream[bytes](_BUFFER)
        self._listeners.add(send)
        try:
            with send, receive:
                await response.prepare(request)
                await response.write(b": hi\n\n")
                while True:
                    message = b": hi\n\n"
                    with anyio.move_on_after(_KEEP_ALIVE):
                        message = await receive.receive()
                    await response.write(message)
        except (ConnectionError, anyio.EndOfStream):
            return response
        finally:
            self._listeners.discard(send)
