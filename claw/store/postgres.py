"""Opening a PostgreSQL database: one daemon each, tables made or migrated as needed."""

from __future__ import annotations

import importlib.util
import os
import socket

import anyio
from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.util.concurrency import greenlet_spawn

from claw.errors import SettingsError, StoreLocked
from claw.store.database import FLUSH, POOL_SIZE, Database
from claw.store.revisions import VERSION_TABLE, Lineage, create, migrate, outdated, stored
from claw.store.tables import metadata
from claw.store.translate import NOT_OURS, say, translated
from claw.store.url import Location

CONNECT = 5.0  # seconds
COMMAND = 15.0  # seconds for one statement
PATIENCE = "3s"  # a killed daemon's session needs a moment to be noticed
LOCK_ARGUMENTS = "1131176311, hashtext(current_schema())"  # "Claw" in ASCII
HOLDER = text(
    "SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.granted"
    " AND l.locktype = 'advisory' AND l.classid = 1131176311 AND a.datname = current_database()"
)


async def open_postgres(where: Location, lineage: Lineage) -> Database:
    """Open the database. Raises the StoreError family; then nothing was changed."""
    if importlib.util.find_spec("asyncpg") is None:
        raise SettingsError("PostgreSQL needs the driver asyncpg: install claw[cluster].")
    engine = _engine(where)
    with anyio.CancelScope(shield=True), translated(where):
        keeper = await greenlet_spawn(_enter, engine, where)
    database = Database(engine, where, keeper.close)
    try:
        if not await database.read(_has_version):
            await database.write(lambda connection: _create(connection, lineage, where))
        elif outdated(await database.read(stored), lineage, where):
            await migrate(database, lineage)
    except BaseException:
        await database.aclose()
        raise
    return database


def _enter(engine: Engine, where: Location) -> Connection:
    """A connection that holds the advisory lock for as long as it lives."""
    keeper = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    keeper.detach()  # so that close() closes it, and the pool keeps its size
    try:
        keeper.exec_driver_sql(f"SET lock_timeout = '{PATIENCE}'")
        keeper.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK_ARGUMENTS})")
    except DBAPIError as error:
        holder = keeper.execute(HOLDER).scalar() or "a process that I cannot see"
        keeper.close()
        raise StoreLocked(
            f"Another Claw ({holder}) is using {where}. Stop it, or give this one its own database."
        ) from error
    except BaseException:
        keeper.close()
        raise
    return keeper


def _create(connection: Connection, lineage: Lineage, where: Location) -> None:
    if foreign := sorted(metadata.tables.keys() & set(inspect(connection).get_table_names())):
        raise say(NOT_OURS, where, f"its table {foreign[0]!r} belongs to another program")
    create(connection, lineage)


def _has_version(connection: Connection) -> bool:
    return connection.exec_driver_sql(f"SELECT to_regclass('{VERSION_TABLE}')").scalar() is not None


def _engine(where: Location) -> Engine:
    name = f"claw pid {os.getpid()} on {socket.gethostname()}"
    engine = create_engine(
        where.url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_pre_ping=True,  # the server may have been restarted
        hide_parameters=True,  # secrets are parameters
        connect_args={
            "timeout": CONNECT,
            "command_timeout": COMMAND,
            "server_settings": {"application_name": name[:63]},
        },
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        if connection.get_execution_options().get(FLUSH) is False:
            connection.exec_driver_sql("SET LOCAL synchronous_commit = off")

    return engine
