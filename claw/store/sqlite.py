"""Opening a SQLite file: look before touching, copy before migrating."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import anyio.to_thread
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from claw.errors import StoreError
from claw.store.database import FLUSH, POOL_SIZE, Database
from claw.store.lock import DirectoryLock
from claw.store.revisions import VERSION_TABLE, Lineage, create, migrate, outdated
from claw.store.translate import NOT_OURS, say, translated
from claw.store.url import Location

BUSY = 1.0  # seconds to wait for another program's lock
MAGIC = b"SQLite format 3\x00"
CHECKED = 16 * 1024 * 1024  # bytes; larger files are not read through at every start
ON_CONNECT = "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA secure_delete=ON;"


async def open_sqlite(where: Location, file: Path, lineage: Lineage) -> Database:
    """Open `file`, making or migrating it as needed. Raises the StoreError family; then the file is as it was."""
    lock, revision = await anyio.to_thread.run_sync(_enter, where, file, lineage)
    database = Database(_engine(where), where, lock.release)
    try:
        if revision is None:
            await database.write(lambda connection: create(connection, lineage))
        elif outdated(revision, lineage, where):
            await _migrate(database, file, revision, lineage)
    except BaseException:
        await database.aclose()
        raise
    return database


def _enter(where: Location, file: Path, lineage: Lineage) -> tuple[DirectoryLock, str | None]:
    with translated(where):
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"Cannot make the data folder {file.parent}: {error.strerror}. Choose another one."
            ) from error
        lock = DirectoryLock(file.parent)
        try:
            revision = _look(where, file)
            if revision is not None:
                outdated(revision, lineage, where)
            _own(file)
        except BaseException:
            lock.release()
            raise
        return lock, revision


def _look(where: Location, file: Path) -> str | None:
    """The stored revision, or None for a new file. Reads only: what is not ours stays as it is."""
    try:
        with file.open("rb") as head:
            magic = head.read(len(MAGIC))
    except FileNotFoundError:
        return None
    if magic and magic != MAGIC:
        raise say(NOT_OURS, where, "file is not a database")
    # what a killed writer left in the log counts; without a log, reading need not make one (nor its index) beside it
    log = any(file.with_name(file.name + suffix).exists() for suffix in ("-wal", "-journal"))
    mode = "mode=ro" if log else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"{file.as_uri()}?{mode}", uri=True, timeout=BUSY)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            return None
        if VERSION_TABLE not in tables:
            raise say(NOT_OURS, where, "it belongs to another program")
        if file.stat().st_size <= CHECKED and connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            raise say(NOT_OURS, where, "it is damaged")
        row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - a constant
        return str(row[0]) if row else ""


def _own(file: Path) -> None:
    """For the owner's eyes only; SQLite gives its log files the mode of the database."""
    os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    if file.stat().st_mode & 0o077:
        file.chmod(0o600)


def _engine(where: Location) -> Engine:
    engine = create_engine(
        where.url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,  # secrets are parameters
        connect_args={"timeout": BUSY, "isolation_level": None},  # the driver must not begin transactions on its own
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.run_async(lambda driver: driver.executescript(ON_CONNECT))

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        match connection.get_execution_options().get(FLUSH):
            case None:
                script = "BEGIN"
            case flush:  # IMMEDIATE: a lock is met here, before anything is written
                script = f"PRAGMA synchronous={'FULL' if flush else 'NORMAL'}; BEGIN IMMEDIATE"
        connection.connection.run_async(lambda driver: driver.executescript(script))

    return engine


async def _migrate(database: Database, file: Path, revision: str, lineage: Lineage) -> None:
    backup = file.with_name(f"{file.name}.{revision}.bak")
    with translated(database.where):
        await anyio.to_thread.run_sync(_copy, file, backup)
    await migrate(database, lineage, f" (copy: {backup.name})")


def _copy(file: Path, backup: Path) -> None:
    """Copy a database, log included, so that a copy under its final name is always a whole one."""
    partial = backup.with_name(f"{backup.name}.part")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    try:
        with (
            closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True, timeout=BUSY)) as source,
            closing(sqlite3.connect(partial)) as target,
        ):
            source.backup(target)
        partial.replace(backup)
    finally:
        partial.unlink(missing_ok=True)
