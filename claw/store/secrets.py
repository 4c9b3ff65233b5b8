"""Credentials by reference. Their values appear in no repr, log line or error."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from claw.store.database import Database
from claw.store.tables import secrets
from claw.store.upsert import upsert


class _Known(dict[str, str | None]):
    """Secrets in memory, that never show."""

    def __repr__(self) -> str:
        return f"<{len(self)} secrets>"


class Secrets:
    """The bindings' secrets. Not encrypted: the database file is readable by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known = _Known()  # every request to a device asks; only this process writes

    async def load(self) -> None:
        """Read them all, so that the first request need not wait for the database."""
        query = select(secrets.c.ref, secrets.c.value)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        self._known = _Known((ref, value) for ref, value in rows if isinstance(value, str))

    async def get(self, ref: str) -> str | None:
        """The secret, or None when nobody gave it yet."""
        if ref in self._known:
            return self._known[ref]
        query = select(secrets.c.value).where(secrets.c.ref == ref)
        value = await self._database.read(lambda connection: connection.execute(query).scalar())
        # one that was put while we read is newer than what we read
        return self._known.setdefault(ref, value if isinstance(value, str) else None)

    async def put(self, ref: str, value: str) -> None:
        """Keep or replace a secret."""
        await self._database.write(lambda connection: upsert(connection, secrets, {"ref": ref, "value": value}))
        self._known[ref] = value

    async def delete(self, ref: str) -> None:
        """Forget a secret, its bytes in the file included; unknown references are no error."""

        def work(connection: Connection) -> None:
            connection.execute(delete(secrets).where(secrets.c.ref == ref))

        await self._database.write(work)
        self._known[ref] = None

    async def refs(self) -> list[str]:
        """Which secrets there are."""
        query = select(secrets.c.ref).order_by(secrets.c.ref)
        return await self._database.read(lambda connection: list(connection.execute(query).scalars()))
