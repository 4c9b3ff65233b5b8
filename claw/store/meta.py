"""Single values that belong to the house as a whole."""

from __future__ import annotations

from sqlalchemy import select

from claw.model.json import Json
from claw.store.database import Database
from claw.store.tables import meta
from claw.store.upsert import upsert


class Meta:
    """JSON values by key (`temperature_unit` ...)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, key: str) -> Json:
        """The value, or None."""
        query = select(meta.c.value).where(meta.c.key == key)
        return await self._database.read(lambda connection: connection.execute(query).scalar())

    async def put(self, key: str, value: Json) -> None:
        """Keep or replace a value."""
        await self._database.write(lambda connection: upsert(connection, meta, {"key": key, "value": value}))
