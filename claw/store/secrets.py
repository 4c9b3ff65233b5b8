"""Credentials by reference. Their values appear in no repr, log line or error."""

from __future__ import annotations

from sqlalchemy import Connection, delete, select

from claw.store.database import Database
from claw.store.tables import secrets
from claw.store.upsert import upsert


class Secrets:
    """The bindings' secrets. Not encrypted: the database file is readable by its owner alone."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, ref: str) -> str | None:
        """The secret, or None when nobody gave it yet."""
        query = select(secrets.c.value).where(secrets.c.ref == ref)
        value = await self._database.read(lambda connection: connection.execute(query).scalar())
        return value if isinstance(value, str) else None

    async def put(self, ref: str, value: str) -> None:
        """Keep or replace a secret."""
        await self._database.write(lambda connection: upsert(connection, secrets, {"ref": ref, "value": value}))

    async def delete(self, ref: str) -> None:
        """Forget a secret, its bytes in the file included; unknown references are no error."""

        def work(connection: Connection) -> None:
            connection.execute(delete(secrets).where(secrets.c.ref == ref))

        await self._database.write(work)

    async def refs(self) -> list[str]:
        """Which secrets there are."""
        query = select(secrets.c.ref).order_by(secrets.c.ref)
        return await self._database.read(lambda connection: list(connection.execute(query).scalars()))
