"""Database URLs: what people write, and what SQLAlchemy wants."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from claw.errors import SettingsError

SQLITE = {"sqlite", "sqlite+aiosqlite"}
POSTGRES = {"postgres", "postgresql", "postgresql+asyncpg"}
POSTGRES_QUERY = {"host", "port", "ssl", "sslmode"}  # anything else would only fail later, in the driver
EXAMPLES = "sqlite:////folder/claw.db or postgresql://user:password@host/claw"


@dataclass(frozen=True, slots=True)
class Location:
    """Where the database is. `file` is None on PostgreSQL. `str()` names it for people, without a password."""

    url: URL
    file: Path | None = None

    def __str__(self) -> str:
        if self.file is not None:
            return str(self.file)
        host = self.url.query.get("host") or self.url.host or "localhost"
        return f"the PostgreSQL database {self.url.database!r} on {host}:{self.url.port or 5432}"


def locate(text: str) -> Location:
    """Understand a database URL. Raises SettingsError, which never repeats the URL: it may hold a password."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise SettingsError(f"The database setting is not a URL; write {EXAMPLES}.") from error
    if url.drivername in SQLITE:
        return _sqlite(url)
    if url.drivername in POSTGRES:
        return _postgres(url)
    raise SettingsError(f"Claw keeps its data in SQLite or PostgreSQL, not in {url.drivername!r}; write {EXAMPLES}.")


def _sqlite(url: URL) -> Location:
    if not url.database or url.database == ":memory:" or url.query:
        raise SettingsError("A SQLite database must be a plain file, as in sqlite:////folder/claw.db.")
    file = Path(url.database).expanduser().absolute()
    return Location(URL.create("sqlite+aiosqlite", database=str(file)), file)


def _postgres(url: URL) -> Location:
    if unknown := sorted(url.query.keys() - POSTGRES_QUERY):
        raise SettingsError(f"The database URL has {unknown[0]!r}; Claw knows {', '.join(sorted(POSTGRES_QUERY))}.")
    if not url.database:
        raise SettingsError("The database URL names no database, as in postgresql://user:password@host/claw.")
    query = dict(url.query)
    if "sslmode" in query:  # libpq's word for what asyncpg calls ssl
        query["ssl"] = query.pop("sslmode")
    return Location(url.set(drivername="postgresql+asyncpg", query=query))
