"""Devices, things and areas: values kept whole, found by id; the registry holds them in memory."""

from __future__ import annotations

from typing import ClassVar, Generic, Protocol, TypeVar

from sqlalchemy import Connection, Row, Table, delete, select

from claw.model.device import Device
from claw.model.json import Json
from claw.model.thing import Area, Thing
from claw.store import tables
from claw.store.database import Database
from claw.store.upsert import upsert
from claw.store.values import restore


class Identified(Protocol):
    """A value with an id."""

    @property
    def id(self) -> str:
        """What it is saved under."""
        ...


T = TypeVar("T", bound=Identified)


class Documents(Generic[T]):
    """One table of values of one class."""

    kind: type[T]
    table: ClassVar[Table]

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> list[T]:
        """Every value, by id. Raises StoreCorrupt."""
        rows = await self._database.read(self._rows)
        return [restore(self.kind, document, f"{self.kind.__name__.lower()} {id_!r}") for id_, document in rows]

    def _rows(self, connection: Connection) -> list[Row[str, Json]]:
        return list(connection.execute(select(self.table.c.id, self.table.c.document).order_by(self.table.c.id)))

    async def save(self, *values: T) -> None:
        """Keep these values, in one transaction; each replaces what has its id."""

        def work(connection: Connection) -> None:
            for value in values:
                upsert(connection, self.table, {"id": value.id, "document": value})

        await self._database.write(work)

    async def delete(self, *ids: str) -> None:
        """Forget these, in one transaction; unknown ids are no error."""

        def work(connection: Connection) -> None:
            connection.execute(delete(self.table).where(self.table.c.id.in_(ids)))

        await self._database.write(work)


class Devices(Documents[Device]):
    """Physical devices."""

    kind = Device
    table = tables.devices


class Things(Documents[Thing]):
    """Things with their properties, actions and receipts."""

    kind = Thing
    table = tables.things


class Areas(Documents[Area]):
    """Rooms and places."""

    kind = Area
    table = tables.areas
