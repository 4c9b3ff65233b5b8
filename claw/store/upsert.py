"""Insert or replace, the one statement whose spelling SQLAlchemy keeps per database."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.sqlite import insert


def upsert(connection: Connection, table: Table, row: Mapping[str, object], *, overwrite: bool = True) -> None:
    """Insert `row`; where its primary key is taken already, overwrite that row or leave it."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as build  # noqa: PLC0415 - 20 ms that SQLite need not pay
    else:
        build = insert  # type: ignore[assignment]
    keys = table.primary_key.columns.keys()
    statement = build(table).values(dict(row))
    if overwrite:
        rest = {name: statement.excluded[name] for name in row if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))
    else:
        connection.execute(statement.on_conflict_do_nothing(index_elements=keys))
