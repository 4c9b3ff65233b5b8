"""The journal: what was done in the house, when, and because of what. "Why?" and undo read it.

Journal writes are safe from `kill -9` at once; only a power cut can take the last of them, as waiting for the disk
with each would slow every reply down.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Row, Select, Text, delete, insert, literal, select

from claw.model.change import Cause, Change
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.json import Json
from claw.store.database import Database
from claw.store.tables import changes, contexts
from claw.store.upsert import upsert
from claw.store.values import restore

MAX_CHAIN = 32  # causes; longer chains are a rule that triggers itself


class Changes:
    """Effects by context. A context that had no effect of its own is known only when `note` was told."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, effect: Effect, context: Context, at: float) -> None:
        """Record what a command did at Unix time `at`."""

        def work(connection: Connection) -> None:
            upsert(connection, contexts, _context_row(context, at, ""), overwrite=False)
            row = {"at": at, "context": context.id, "thing": effect.thing, "effect": effect}
            connection.execute(insert(changes).values(row))

        await self._database.write(work, flush=False)

    async def note(self, context: Context, at: float, detail: str) -> None:
        """Record a cause: what was said, or which rule fired, before or after its effects."""
        row = _context_row(context, at, detail)
        await self._database.write(lambda connection: upsert(connection, contexts, row), flush=False)

    async def recent(self, limit: int, thing: str | None = None) -> list[Change]:
        """The last changes, newest first; of one thing when `thing` is given."""
        query = _query().order_by(changes.c.seq.desc()).limit(limit)
        if thing is not None:
            query = query.where(changes.c.thing == thing)
        return await self._read(query)

    async def why(self, context_id: str) -> list[Cause]:
        """The chain from a context up to its first known cause, each with what it changed."""

        def work(connection: Connection) -> tuple[list[Row[str, str | None, Json, float, Json]], list[_Joined]]:
            chain = _ancestors(connection, context_id)
            query = _query().where(changes.c.context.in_([row.id for row in chain])).order_by(changes.c.seq)
            return chain, list(connection.execute(query))

        chain, rows = await self._database.read(work)
        done = _changes(rows)
        return [
            Cause(
                Context(str(row.origin), row.id, row.parent),
                row.at,
                str(row.detail),
                tuple(change for change in done if change.context.id == row.id),
            )
            for row in chain
        ]

    async def under(self, context_id: str) -> list[Change]:
        """What this context and everything it caused changed, oldest first: what an undo takes back."""
        tree = select(literal(context_id, Text).label("id")).cte("tree", recursive=True)
        tree = tree.union(select(contexts.c.id).join(tree, contexts.c.parent == tree.c.id))
        return await self._read(_query().where(changes.c.context.in_(select(tree.c.id))).order_by(changes.c.seq))

    async def prune(self, before: float) -> None:
        """Forget what is older than Unix time `before`."""

        def work(connection: Connection) -> None:
            connection.execute(delete(changes).where(changes.c.at < before))
            used = select(changes.c.context)
            connection.execute(delete(contexts).where(contexts.c.at < before, contexts.c.id.not_in(used)))

        await self._database.write(work)

    async def _read(self, query: _Query) -> list[Change]:
        return _changes(await self._database.read(lambda connection: list(connection.execute(query))))


_Joined = Row[int, float, Json, str, str | None, Json]
_Query = Select[int, float, Json, str, str | None, Json]


def _query() -> _Query:
    columns = (changes.c.seq, changes.c.at, changes.c.effect, contexts.c.id, contexts.c.parent, contexts.c.origin)
    return select(*columns).join(contexts, changes.c.context == contexts.c.id)


def _changes(rows: Collection[_Joined]) -> list[Change]:
    return [
        Change(seq, restore(Effect, effect, f"change {seq}"), Context(str(origin), id_, parent), at)
        for seq, at, effect, id_, parent, origin in rows
    ]


def _context_row(context: Context, at: float, detail: str) -> dict[str, object]:
    return {"id": context.id, "parent": context.parent, "origin": context.origin, "at": at, "detail": detail}


def _ancestors(connection: Connection, context_id: str) -> list[Row[str, str | None, Json, float, Json]]:
    chain: dict[str, Row[str, str | None, Json, float, Json]] = {}
    next_: str | None = context_id
    while next_ is not None and next_ not in chain and len(chain) < MAX_CHAIN:
        columns = (contexts.c.id, contexts.c.parent, contexts.c.origin, contexts.c.at, contexts.c.detail)
        if (row := connection.execute(select(*columns).where(contexts.c.id == next_)).first()) is None:
            break
        chain[next_] = row
        next_ = row.parent
    return list(chain.values())
