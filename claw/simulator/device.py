"""A simulated device: sockets on its own address, announcements, faults, and the truth about it."""

from __future__ import annotations

import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import anyio
from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.fault import Fault
from claw.simulator.ground import Ground
from claw.simulator.mdns import MdnsService
from claw.simulator.serving import HttpServer
from claw.simulator.ssdp import SsdpDevice

GARBAGE = b'\x00\xff{"on": tru\xfe<html><<//unfinished'

Answering = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Listener:
    """A port to serve on: `port` 0 takes any free one, which the device then keeps for life."""

    name: str
    port: int = 0
    tls: ssl.SSLContext | None = None


class Device(ABC):
    """One box on the simulated LAN. `number` is its host number in the house's block."""

    listeners: Sequence[Listener] = (Listener("http"),)

    def __init__(self, name: str, number: int, ground: Ground) -> None:
        self.name = name
        self.ground = ground
        self.fault = Fault()
        self.ports = {listener.name: listener.port for listener in self.listeners if listener.port}
        self._number = number
        self._server: HttpServer | None = None
        self._lock = anyio.Lock()

    @property
    def address(self) -> str:
        """The IP address that it has now."""
        return self.ground.block.host(self._number, moved=self.fault.wrong_address)

    @property
    def url(self) -> str:
        """Where its plain HTTP is."""
        return f"http://{self.address}:{self.ports['http']}"

    @property
    def mac(self) -> str:
        """Its MAC address, twelve hex digits."""
        return self.ground.mac(self._number)

    @abstractmethod
    def routes(self) -> Sequence[web.RouteDef]:
        """The HTTP API, as the present firmware has it."""

    @abstractmethod
    def truth(self) -> JsonObject:
        """What is physically so, whatever the API claims."""

    def services(self) -> Sequence[MdnsService]:
        """What it announces by mDNS."""
        return ()

    def upnp(self) -> SsdpDevice | None:
        """What it announces by SSDP."""
        return None

    def describe(self) -> dict[str, Json]:
        """Address and ports, and what a person would read off its label."""
        return {"address": self.address, "ports": dict(self.ports)}

    async def start(self) -> None:
        """Open the sockets and announce."""
        await self.open()
        await self.announce()

    async def stop(self) -> None:
        """Close the sockets; the announcers say goodbye for the whole house."""
        await self.close()

    async def apply(self, fault: Fault) -> None:
        """Become ill in this way, or well again; returns when it is so."""
        async with self._lock:
            before, self.fault = self.fault, fault
            if before.place == fault.place:
                return
            await self.close()
            if fault.offline:
                self.ground.ssdp.withdraw(self.name)
                await self.ground.mdns.withdraw(self.name)
                return
            await self.open()
            await self.announce()

    async def announce(self) -> None:
        """Tell the LAN what is here and where."""
        await self.ground.mdns.announce(self.name, self.address, self.services())
        if device := self.upnp():
            self.ground.ssdp.announce(self.name, self.address, device)

    async def open(self) -> None:
        """Listen on every port."""
        app = web.Application(middlewares=[self._trouble])
        app.add_routes(list(self.routes()))
        self._server = server = HttpServer(app)
        for listener in self.listeners:
            port = self.ports.get(listener.name, listener.port)
            self.ports[listener.name] = await server.open(self.address, port, listener.tls)

    async def close(self) -> None:
        """Hang up on everyone and refuse connections."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()

    @web.middleware
    async def _trouble(self, request: web.Request, handler: Answering) -> web.StreamResponse:
        if self.fault.slow:
            await anyio.sleep(self.fault.slow)
        if self.fault.garbage:
            return web.Response(body=GARBAGE, content_type="application/json")
        return await handler(request)
