"""A TCP relay in front of a third-party server, so that its faults can be simulated without touching it."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable

import anyio

from claw.simulator.device import GARBAGE
from claw.simulator.fault import Fault
from claw.simulator.serving import listen, refuse

_CHUNK = 65536


class Relay:
    """Passes bytes between clients and the server at `inner`, as ill as `fault()` says."""

    def __init__(self, inner: tuple[str, int], fault: Callable[[], Fault]) -> None:
        self._inner = inner
        self._fault = fault
        self._server: asyncio.Server | None = None
        self._listener: socket.socket | None = None
        self._open: set[asyncio.StreamWriter] = set()

    async def open(self, address: str, port: int) -> int:
        """Listen; returns the port."""
        self._listener = listen(address, port)
        self._server = await asyncio.start_server(self._serve, sock=self._listener)
        found: int = self._listener.getsockname()[1]
        return found

    async def close(self) -> None:
        """Hang up on everyone and refuse connections."""
        server, self._server = self._server, None
        if server is not None and self._listener is not None:
            await refuse([self._listener])
            server.close()
            for writer in tuple(self._open):
                writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._server is None:  # accepted while closing
            writer.transport.abort()
            return
        self._open.add(writer)
        try:
            inner_reader, inner_writer = await asyncio.open_connection(*self._inner)
            self._open.add(inner_writer)
            try:
                async with anyio.create_task_group() as both:
                    both.start_soon(self._pass, reader, inner_writer, both.cancel_scope, False)  # noqa: FBT003
                    both.start_soon(self._pass, inner_reader, writer, both.cancel_scope, True)  # noqa: FBT003
            finally:
                self._open.discard(inner_writer)
                inner_writer.transport.abort()
        except OSError:
            pass  # one side hung up
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _pass(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        both: anyio.CancelScope,
        answering: bool,  # noqa: FBT001
    ) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(_CHUNK):
                fault = self._fault()
                if answering and fault.slow:
                    await anyio.sleep(fault.slow)
                writer.write(GARBAGE if answering and fault.garbage else data)
                await writer.drain()
        both.cancel()
