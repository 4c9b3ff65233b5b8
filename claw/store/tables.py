"""The tables. Columns for what SQL must find; one JSON document for the rest of a value.

Documents are ASCII text, not a native JSON type: what comes out is exactly what went in, on both databases,
whatever a device put into its name (NUL, half a surrogate pair, 1.0 beside 1).
"""

from __future__ import annotations

import json

from sqlalchemy import Column, Dialect, Double, ForeignKey, Index, Integer, MetaData, Table, Text
from sqlalchemy.types import TypeDecorator

from claw.errors import StoreCorrupt
from claw.model.json import Json
from claw.store.values import dump

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class JsonText(TypeDecorator[Json]):
    """A JSON value spelled in ASCII."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Json, dialect: Dialect) -> str:
        """Spell it."""
        del dialect
        return json.dumps(dump(value), separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Json:
        """Read it. Raises StoreCorrupt."""
        del dialect
        try:
            return None if value is None else json.loads(value)
        except (ValueError, TypeError) as error:
            raise StoreCorrupt(f"A stored value is damaged ({error}). Restore a backup.") from error


def _documents(name: str) -> Table:
    return Table(name, metadata, Column("id", Text, primary_key=True), Column("document", JsonText, nullable=False))


devices = _documents("devices")
things = _documents("things")
areas = _documents("areas")

adapters = Table(
    "adapters",
    metadata,
    Column("id", Text, primary_key=True),
    Column("revision", Integer, primary_key=True, autoincrement=False),
    Column("source", Text, nullable=False),
    Column("at", Double, nullable=False),
    Column("document", JsonText, nullable=False),
)

principals = Table(
    "principals",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
)

addresses = Table(
    "addresses",
    metadata,
    Column("address", Text, primary_key=True),
    Column("principal", ForeignKey("principals.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
)

tokens = Table(
    "tokens",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", Text, nullable=False, unique=True),
    Column("role", Text, nullable=False),
    Column("principal", ForeignKey("principals.id", ondelete="CASCADE")),
    Column("at", Double, nullable=False),
)

pairing_codes = Table(
    "pairing_codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("role", Text, nullable=False),
    Column("principal", ForeignKey("principals.id", ondelete="CASCADE")),
    Column("expires", Double, nullable=False),
    Column("wrong", Integer, nullable=False),
)

secrets = Table("secrets", metadata, Column("ref", Text, primary_key=True), Column("value", JsonText, nullable=False))

contexts = Table(
    "contexts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("parent", Text, index=True),
    Column("origin", JsonText, nullable=False),
    Column("at", Double, nullable=False, index=True),
    Column("detail", JsonText, nullable=False),
)

changes = Table(
    "changes",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("at", Double, nullable=False, index=True),
    Column("context", ForeignKey("contexts.id"), nullable=False, index=True),
    Column("thing", Text, nullable=False),
    Column("effect", JsonText, nullable=False),
    Index("ix_changes_thing", "thing", "seq"),
)

meta = Table("meta", metadata, Column("key", Text, primary_key=True), Column("value", JsonText, nullable=False))
