from __future__ import annotations

import signal
from pathlib import Path

import pytest

from claw.errors import StoreLocked
from claw.store import Store
from claw.store.lock import NAME, DirectoryLock
from tests.store.processes import child


async def test_a_second_daemon_is_refused_with_the_pid_of_the_first(url: str) -> None:
    async with child("hold", url) as first:
        assert (await first.line()).startswith("open")
        with pytest.raises(StoreLocked, match=rf"Another Claw \(.*\b{first.process.pid}\b.*\) is using .*Stop it"):
            await Store.open(url)


async def test_a_killed_daemon_keeps_nobody_out(url: str) -> None:
    async with child("hold", url) as first:
        await first.line()
        first.process.send_signal(signal.SIGKILL)
        await first.process.wait()
        await (await Store.open(url)).aclose()


async def test_a_second_store_of_the_same_process_is_refused_too(url: str) -> None:
    async with await Store.open(url):
        with pytest.raises(StoreLocked):
            await Store.open(url)
    await (await Store.open(url)).aclose()


def test_a_holder_that_has_not_written_its_pid_yet(tmp_path: Path) -> None:
    lock = DirectoryLock(tmp_path)
    (tmp_path / NAME).write_text("")
    with pytest.raises(StoreLocked, match="just starting"):
        DirectoryLock(tmp_path)
    lock.release()
    lock.release()
    DirectoryLock(tmp_path).release()
