"""Running `tests.store.child` and reading its lines."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

ROOT = Path(__file__).parents[2]
PYTHON = [sys.executable, "-W", "error"]


class Child:
    """A child process; `line()` is its next line of output, empty at the end."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None
        self.process = process
        self._output = BufferedByteReceiveStream(process.stdout)

    async def line(self) -> str:
        try:
            return (await self._output.receive_until(b"\n", 65536)).decode()
        except (anyio.IncompleteRead, anyio.EndOfStream):
            return ""

    async def rest(self) -> list[str]:
        """All lines until it ends."""
        lines = []
        while line := await self.line():
            lines.append(line)
        await self.process.wait()
        return lines


@asynccontextmanager
async def child(*arguments: str, under: tuple[str, ...] = ()) -> AsyncIterator[Child]:
    """A child for as long as the block lasts; killed at its end, if it has not ended itself."""
    command = [*under, *PYTHON, "-m", "tests.store.child", *arguments]
    with anyio.fail_after(60):
        process = await anyio.open_process(command, stdin=subprocess.PIPE, stderr=None, cwd=ROOT)
        try:
            yield Child(process)
        finally:
            if process.returncode is None:
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.wait()
                await process.aclose()
