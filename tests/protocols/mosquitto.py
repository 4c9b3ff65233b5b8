"""A mosquitto broker of one's own on loopback, and a thing that talks to it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import anyio
from anyio.streams.buffered import BufferedByteReceiveStream

from claw.model.form import Endpoint
from tests.support import programs

USER, PASSWORD = "claw", "secret word"


def _free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


@asynccontextmanager
async def mosquitto(folder: Path, *, locked: bool = False, port: int = 0) -> AsyncIterator[Endpoint]:
    """A running broker; `locked` wants USER and PASSWORD."""
    port = port or _free_port()
    lines = [f"listener {port} 127.0.0.1", "persistence false", "user root", "log_dest stderr"]
    if locked:
        passwd = folder / "passwd"
        tool = programs.find("mosquitto_passwd")
        assert tool is not None
        await anyio.run_process([tool, "-b", "-c", str(passwd), USER, PASSWORD])
        lines.append(f"password_file {passwd}")
    lines.append(f"allow_anonymous {'false' if locked else 'true'}")
    config = folder / "mosquitto.conf"
    config.write_text("\n".join(lines) + "\n")
    program = programs.find("mosquitto")
    assert program is not None
    async with await anyio.open_process([program, "-c", str(config)]) as process:
        try:
            assert process.stderr is not None
            log = BufferedByteReceiveStream(process.stderr)
            with anyio.fail_after(10):
                while b"running" not in await log.receive_until(b"\n", 4096):
                    pass
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(_drain, log)
                yield Endpoint("127.0.0.1", port, "mqtt", device_id="broker")
                tasks.cancel_scope.cancel()
        finally:
            with suppress(ProcessLookupError):
                process.kill()


async def _drain(log: BufferedByteReceiveStream) -> None:
    with suppress(anyio.EndOfStream):
        while True:
            await log.receive()
