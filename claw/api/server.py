"""Uvicorn as a service among services: starts and stops with its task group, leaves signals alone."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import anyio
import uvicorn
from anyio.abc import TaskStatus
from starlette.types import ASGIApp

from claw.errors import SettingsError

GRACE = 2  # seconds that open requests get when the daemon stops


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises SettingsError when the address is taken or not ours."""
    try:
        info = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((info[4][0], port), family=info[0], backlog=256)
    except OSError as error:
        raise SettingsError(
            f"Cannot listen on {host} port {port}: {_reason(error)}. Choose another with --port (0 picks a free one)."
        ) from error


def _reason(error: OSError) -> str:
    """The system's words alone; some versions of Python add the address to them."""
    return os.strerror(error.errno) if error.errno and not isinstance(error, socket.gaierror) else str(error.strerror)


class Server(uvicorn.Server):
    """Serves an application on a socket until cancelled."""

    def __init__(self, app: ASGIApp, sock: socket.socket) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                http="httptools",
                ws="websockets-sansio",
                ws_max_size=65536,
                ws_per_message_deflate=False,  # small messages on a LAN: time is dearer than bytes
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._socket = sock
        self._up = anyio.Event()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the daemon, which stops everything in order."""
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Note the moment from which requests are served."""
        await super().startup(sockets)
        self._up.set()

    async def run_service(self, *, task_status: TaskStatus[None]) -> None:
        """Serve until cancelled, then let open requests end."""
        async with anyio.create_task_group() as group:
            try:
                group.start_soon(self._hold)
                await self._up.wait()
                task_status.started()
                await anyio.sleep_forever()
            finally:
                self.should_exit = True

    async def _hold(self) -> None:
        with anyio.CancelScope(shield=True):
            await self.serve([self._socket])
