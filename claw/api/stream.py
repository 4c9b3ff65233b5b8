"""The live stream: a snapshot, then every change, over one WebSocket.

Server to client, one JSON object a message:
`hello` {revision, things}, `reading` {thing, property, value, at, source, revision},
`online` {thing, online, reason}, `thing` {thing: Thing}, `removed` {thing}.
Whoever reads too slowly gets a new `hello` instead of what was dropped.
The token comes as a bearer header, or as the first message `{"token": "..."}` (a browser cannot set headers).
"""

import json

import anyio
from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import JsonValue

from claw.api.gate import Gate, bearer
from claw.api.replies import plain
from claw.api.shapes import ThingShape
from claw.bus import Bus, Subscription
from claw.devices.registry import Registry
from claw.errors import ClawError, Unauthorized
from claw.model.events import Event, OnlineChanged, ReadingChanged, ThingAdded, ThingChanged, ThingRemoved
from claw.state import State

POLICY_VIOLATION = 1008
AUTH_SECONDS = 5
KINDS = (ReadingChanged, OnlineChanged, ThingAdded, ThingChanged, ThingRemoved)


class Feed:
    """Turns facts into stream messages."""

    def __init__(self, gate: Gate, registry: Registry, state: State) -> None:
        self._gate = gate
        self._registry = registry
        self._state = state

    def hello(self) -> JsonValue:
        """The whole house as it is now."""
        things = [self._thing(id_) for id_ in self._registry.things]
        return {"type": "hello", "revision": self._state.revision, "things": things}

    def message(self, event: Event) -> JsonValue:
        """One fact; None for those that the stream does not carry."""
        match event:
            case ReadingChanged():
                return {
                    "type": "reading",
                    "thing": event.thing,
                    "property": event.property,
                    "value": plain(event.reading.value),
                    "at": event.reading.at,
                    "source": event.reading.source,
                    "revision": self._state.revision,
                }
            case OnlineChanged():
                return {"type": "online", "thing": event.thing, "online": event.online, "reason": event.reason}
            case ThingAdded() | ThingChanged() if event.thing in self._registry.things:
                return {"type": "thing", "thing": self._thing(event.thing)}
            case ThingAdded() | ThingChanged() | ThingRemoved():
                return {"type": "removed", "thing": event.thing}
        return None

    def _thing(self, id_: str) -> JsonValue:
        return plain(ThingShape.of(self._registry.things[id_], self._state.of(id_)).model_dump())

    async def push(self, socket: WebSocket, events: Subscription[Event], token: str) -> None:
        """Send facts for as long as the token holds; a reader that lagged gets the whole house again."""
        dropped = 0
        async for event in events:
            try:
                await self._gate.admit(token)
            except Unauthorized as error:  # revoked since
                await socket.close(POLICY_VIOLATION, str(error)[:120])
                return
            if events.dropped > dropped:
                dropped = events.dropped
                await send(socket, self.hello())
            elif (body := self.message(event)) is not None:
                await send(socket, body)


def router(gate: Gate, registry: Registry, state: State, bus: Bus) -> APIRouter:
    """The stream route."""
    routes = APIRouter(prefix="/api/v1", tags=["stream"])
    feed = Feed(gate, registry, state)

    @routes.websocket("/stream")
    async def stream(socket: WebSocket) -> None:
        await socket.accept()
        try:
            token = await _admit(socket, gate)
        except ClawError as error:
            await socket.close(POLICY_VIOLATION, str(error)[:120])
            return
        except WebSocketDisconnect:
            return
        with bus.subscribe(*KINDS) as events:
            try:
                await send(socket, feed.hello())
                async with anyio.create_task_group() as group:
                    group.start_soon(feed.push, socket, events, token)
                    while (await socket.receive())["type"] != "websocket.disconnect":
                        pass  # the stream is one-way, and whatever is said is let go; orders go through REST
                    group.cancel_scope.cancel()
            except* WebSocketDisconnect:
                pass

    return routes


async def _admit(socket: WebSocket, gate: Gate) -> str:
    """The token that lets this socket in. Raises Unauthorized."""
    if "authorization" in socket.headers:
        await gate(socket)
        return bearer(socket)
    token = ""
    with anyio.move_on_after(AUTH_SECONDS):
        message = await socket.receive()
        try:
            first = json.loads(message.get("text") or "")
        except (ValueError, RecursionError):
            first = {}
        token = str(first.get("token", "")) if isinstance(first, dict) else ""
    await gate.admit(token)
    return token


async def send(socket: WebSocket, body: JsonValue) -> None:
    """One JSON message, compact."""
    await socket.send_text(json.dumps(body, separators=(",", ":"), ensure_ascii=False))
