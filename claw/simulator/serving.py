"""Listening sockets, and an HTTP server that leaves nothing behind when it closes."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Iterable

import anyio.lowlevel
from aiohttp import web

GOODBYE = 0.1  # seconds that open requests get when a server closes
_TURNS = 8


def listen(address: str, port: int) -> socket.socket:
    """A listening TCP socket; `port` 0 takes any free one."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.settimeout(0)
        sock.bind((address, port))
        sock.listen(128)
    except OSError:
        sock.close()
        raise
    return sock


async def refuse(sockets: Iterable[socket.socket]) -> None:
    """Accept no more, and let what was accepted this instant reach its protocol.

    asyncio loses a connection that is accepted in the turn of the loop in which its server closes.
    """
    loop = asyncio.get_running_loop()
    for sock in sockets:
        loop.remove_reader(sock)
    for _ in range(_TURNS):
        await anyio.lowlevel.checkpoint()


class HttpServer:
    """Serves one application on any number of sockets."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=GOODBYE, handle_signals=False)
        self._sockets: list[socket.socket] = []

    async def open(self, address: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen on one more socket; returns its port."""
        if self._runner.server is None:
            await self._runner.setup()
        sock = listen(address, port)
        await web.SockSite(self._runner, sock, ssl_context=tls).start()
        self._sockets.append(sock)
        found: int = sock.getsockname()[1]
        return found

    async def close(self) -> None:
        """Refuse connections, then end those that are open."""
        await refuse(self._sockets)
        self._sockets.clear()
        await self._runner.cleanup()
