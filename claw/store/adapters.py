"""Adapter documents with their revisions: a new one never overwrites the one that worked."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, Select, delete, func, insert, select

from claw.errors import NotFound
from claw.model.json import Json, JsonObject
from claw.store.database import Database
from claw.store.tables import adapters
from claw.store.values import dump


@dataclass(frozen=True, slots=True)
class Revision:
    """One state of a document. `source`: who made it (`library`, `import`, `proposer:upnp`, `rollback:2` ...)."""

    id: str
    revision: int
    source: str
    at: float
    document: JsonObject


class Adapters:
    """Documents by adapter id; the highest revision is the current one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, id_: str) -> JsonObject:
        """The current document. Raises NotFound."""
        row = await self._database.read(lambda connection: _current(connection, id_))
        if row is None:
            raise NotFound(f"No adapter {id_!r} is kept here.")
        return row.document

    async def all(self) -> dict[str, JsonObject]:
        """Every current document by id."""
        newest = select(adapters.c.id, func.max(adapters.c.revision).label("revision")).group_by(adapters.c.id)
        top = newest.subquery()
        query = (
            _query()
            .join(top, (top.c.id == adapters.c.id) & (top.c.revision == adapters.c.revision))
            .order_by(adapters.c.id)
        )
        rows = await self._database.read(lambda connection: _revisions(connection, query))
        return {row.id: row.document for row in rows}

    async def save(self, id_: str, document: JsonObject, source: str) -> int:
        """Keep a document as a new revision, unless it is the current one already; returns the current revision."""
        at = time.time()

        def work(connection: Connection) -> int:
            old = _current(connection, id_)
            if old is not None and _same(old.document, document):
                return old.revision
            return _append(connection, Revision(id_, old.revision + 1 if old else 1, source, at, document))

        return await self._database.write(work)

    async def history(self, id_: str) -> list[Revision]:
        """Every revision, newest first; empty when there is none."""
        query = _query().where(adapters.c.id == id_).order_by(adapters.c.revision.desc())
        return await self._database.read(lambda connection: _revisions(connection, query))

    async def rollback(self, id_: str, revision: int) -> JsonObject:
        """Make an old revision current again, as a new one; returns its document. Raises NotFound."""
        at = time.time()
        query = _query().where(adapters.c.id == id_, adapters.c.revision == revision)

        def work(connection: Connection) -> JsonObject:
            now, found = _current(connection, id_), _revisions(connection, query)
            if now is None or not found:
                raise NotFound(f"Adapter {id_!r} has no revision {revision}.")
            old = found[0]
            if not _same(old.document, now.document):
                _append(connection, Revision(id_, now.revision + 1, f"rollback:{revision}", at, old.document))
            return old.document

        return await self._database.write(work)

    async def delete(self, id_: str) -> None:
        """Forget an adapter and its history; unknown ids are no error."""

        def work(connection: Connection) -> None:
            connection.execute(delete(adapters).where(adapters.c.id == id_))

        await self._database.write(work)


def _same(one: JsonObject, other: JsonObject) -> bool:
    # as text: Python takes True for 1
    return json.dumps(dump(one), sort_keys=True) == json.dumps(dump(other), sort_keys=True)


_Query = Select[str, int, str, float, Json]


def _query() -> _Query:
    columns = adapters.c
    return select(columns.id, columns.revision, columns.source, columns.at, columns.document)


def _revisions(connection: Connection, query: _Query) -> list[Revision]:
    return [
        Revision(id_, revision, source, at, cast("JsonObject", document))
        for id_, revision, source, at, document in connection.execute(query)
    ]


def _current(connection: Connection, id_: str) -> Revision | None:
    query = _query().where(adapters.c.id == id_).order_by(adapters.c.revision.desc()).limit(1)
    return next(iter(_revisions(connection, query)), None)


def _append(connection: Connection, new: Revision) -> int:
    row = {"id": new.id, "revision": new.revision, "source": new.source, "at": new.at, "document": new.document}
    connection.execute(insert(adapters).values(row))
    return new.revision
