"""The database as the repositories see it: `read` and `write`, each one transaction.

SQLAlchemy's Core on its asyncio drivers, without `sqlalchemy.ext.asyncio`: that package imports the whole ORM
(70 ms and 8 MB that Claw would never use). `greenlet_spawn` is what its AsyncConnection.run_sync is made of.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

import anyio
from sqlalchemy import Connection, Engine
from sqlalchemy.util.concurrency import greenlet_spawn

from claw.store.translate import translated
from claw.store.url import Location

T = TypeVar("T")
Work = Callable[[Connection], T]

FLUSH = (
    "claw_flush"  # execution option of a write: True, on the disk when it returns; False, safe in the system's hands
)
POOL_SIZE = 3  # one writer, two readers
TALKATIVE = ("aiosqlite", "sqlalchemy.engine.Engine")  # log parameters and rows, secrets among them, at DEBUG


def _discreet(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


class Database:
    """An open database. Work is a plain function of a Connection; it runs shielded, so it happens or it does not.

    Writes queue up in this process: SQLite has one writer anyway, and Claw is the only one there (`release` lets
    go of the lock that says so).
    """

    def __init__(self, engine: Engine, where: Location, release: Callable[[], None]) -> None:
        self.engine = engine
        self.where = where
        self._release = release
        self._writing = anyio.Lock(fast_acquire=True)
        for name in TALKATIVE:
            logging.getLogger(name).addFilter(_discreet)

    async def read(self, work: Work[T]) -> T:
        """Run `work` on one snapshot. Raises the StoreError family, and whatever `work` raises."""

        def run() -> T:
            with self.engine.connect() as connection:
                return work(connection)

        return await self._run(run)

    async def write(self, work: Work[T], *, flush: bool = True) -> T:
        """Run `work` and commit; a write that has returned survives `kill -9`.

        With `flush` it also survives a power cut. Raises as `read` does, and then nothing was written.
        """

        def run() -> T:
            with self.engine.connect().execution_options(**{FLUSH: flush}) as connection, connection.begin():
                return work(connection)

        async with self._writing:
            return await self._run(run)

    async def _run(self, run: Callable[[], T]) -> T:
        with anyio.CancelScope(shield=True), translated(self.where):
            result = await greenlet_spawn(run)
        return result  # noqa: RET504 - type checkers believe that the scope may swallow errors

    async def aclose(self) -> None:
        """Close every connection and let the next daemon in."""

        def run() -> None:
            try:
                self.engine.dispose()
            finally:
                self._release()

        await self._run(run)
