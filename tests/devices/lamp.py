"""A lamp on a loopback socket, with the faults that real ones have. An aiohttp server: nothing of ours is inside."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
from aiohttp import web

from claw.model.announcement import Announcement, Via

MAC = "3c6105a1b2c3"


class Lamp:
    """State, a log of requests, and one fault hook: called with (method, path), it may answer instead."""

    def __init__(self, mac: str = MAC, name: str = "Hall lamp") -> None:
        self.mac = mac
        self.name = name
        self.state: dict[str, Any] = {"on": False, "bri": 20, "temp": 21.5}
        self.requests: list[str] = []
        self.accept: Callable[[str, Any], Any] = lambda _key, value: value
        self.fault: Callable[[web.Request], Any] | None = None
        self.delay = 0.0
        self.port = 0
        self.host = "127.0.0.1"
        self.busy = 0
        self.most_busy = 0
        self.listeners: list[tuple[web.Request, web.StreamResponse]] = []
        self.followed = anyio.Event()

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(f"{request.method} {request.path}")
        self.busy += 1
        self.most_busy = max(self.busy, self.most_busy)
        try:
            if self.delay:
                await anyio.sleep(self.delay)
            if self.fault is not None:
                answer = self.fault(request)
                if hasattr(answer, "__await__"):
                    answer = await answer
                if answer is not None:
                    return answer
            return await self.serve(request)
        finally:
            self.busy -= 1

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """What a lamp without faults answers."""
        if request.path == "/events":
            return await self.stream(request)
        if request.path == "/info":
            return web.json_response({"mac": self.mac, "product": "lamp"})
        if request.method == "PUT":
            for key, value in (await request.json()).items():
                taken = self.accept(key, value)
                if taken is not None:
                    self.state[key] = taken
            return web.json_response({"success": True})
        return web.json_response(self.state)

    async def stream(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        self.listeners.append((request, response))
        self.followed.set()
        await anyio.sleep_forever()
        return response

    async def push(self, **changes: Any) -> None:
        """Change by hand at the device, and tell who listens."""
        self.state.update(changes)
        for _, listener in self.listeners:
            await listener.write(f"data: {json.dumps(changes)}\n\n".encode())

    async def hang_up(self) -> None:
        """End every event stream."""
        for request, _ in self.listeners:
            assert request.transport is not None
            request.transport.abort()
        self.listeners.clear()
        self.followed = anyio.Event()

    def announcement(self, **changes: Any) -> Announcement:
        given: dict[str, Any] = {
            "via": Via.MDNS,
            "kind": "_lamp._tcp",
            "name": self.name,
            "hosts": (self.host,),
            "port": self.port,
            "fields": {"mac": self.mac},
        }
        return Announcement(**(given | changes))

    def reads(self) -> int:
        return self.requests.count("GET /state")


@asynccontextmanager
async def plugged_in(lamp: Lamp, host: str = "127.0.0.1") -> AsyncIterator[Lamp]:
    """Serve the lamp until the block ends."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", lamp.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, host, 0)
    await site.start()
    lamp.host, lamp.port = host, runner.addresses[0][1]
    try:
        yield lamp
    finally:
        await runner.cleanup()


def document(**changes: Any) -> dict[str, Any]:
    """The lamp's adapter. It reads everything with one request."""
    put = {"op": "writeproperty", "href": "/state", "htv:methodName": "PUT"}

    def forms(key: str, *, written: bool = True, pushed: bool = False) -> list[dict[str, Any]]:
        found = [{"op": "readproperty", "href": "/state", "claw:select": key}]
        if written:
            found.append({**put, "claw:body": {key: "{value}"}})
        if pushed:
            found.append({"op": "observeproperty", "href": "/events", "subprotocol": "sse", "claw:select": key})
        return found

    pushed = changes.pop("pushed", False)
    return {
        "@context": [
            "https://www.w3.org/2022/wot/td/v1.1",
            {"claw": "urn:claw:vocabulary:", "htv": "http://www.w3.org/2011/http#"},
        ],
        "@type": "tm:ThingModel",
        "id": "urn:claw:adapter:test-lamp",
        "title": "Lamp",
        "version": {"model": "1.0.0"},
        "links": [
            {"rel": "tm:extends", "href": f"claw:{name}", "type": "application/tm+json"} for name in ("light",)
        ],
        "claw:binding": "http",
        "claw:endpoint": {"scheme": "http"},
        "claw:match": [
            {"via": "mdns", "kind": "_lamp._tcp"},
            {"probe": {"href": "/info", "claw:select": "product", "equals": "lamp"}},
        ],
        "claw:identity": [{"scheme": "mac", "href": "/info", "claw:select": "mac"}],
        "properties": {
            "on_off": {"type": "boolean", "forms": forms("on", pushed=pushed)},
            "brightness": {"type": "number", "minimum": 0, "maximum": 100, "forms": forms("bri", pushed=pushed)},
        },
        **changes,
    }
