"""Which schema the database has, which one this Claw wants, and how to get from one to the other.

Importing Alembic takes longer than the daemon may take to start, so the everyday case (the revision is ours) is
one plain query, a new database is made from the tables directly, and only a real migration imports Alembic.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Column, Connection, MetaData, Table, Text, select

from claw.errors import StoreError, StoreFull, StoreLocked, StoreTooNew
from claw.store.database import Database
from claw.store.tables import metadata
from claw.store.url import Location

VERSION_TABLE = "claw_revision"
version_table = Table(
    VERSION_TABLE, MetaData(), Column("version_num", Text, primary_key=True)
)  # kept out of `metadata`: Alembic owns it


@dataclass(frozen=True, slots=True)
class Lineage:
    """The folder of migration scripts, and the revisions in it, oldest first."""

    scripts: Path
    revisions: tuple[str, ...]

    @property
    def head(self) -> str:
        """The revision that this Claw works with."""
        return self.revisions[-1]


LINEAGE = Lineage(Path(__file__).parent / "migrations", ("0001",))


def stored(connection: Connection) -> str | None:
    """The revision in a database that has the version table."""
    return connection.execute(select(version_table.c.version_num)).scalar()


def outdated(revision: str | None, lineage: Lineage, where: Location) -> bool:
    """Whether a migration is needed. Raises StoreTooNew for a revision that this Claw does not know."""
    if revision not in lineage.revisions:
        raise StoreTooNew(
            f"{where} was written by a newer Claw (schema {revision}; this one knows {lineage.head}) and was left"
            " as it is. Update Claw, or choose another data folder."
        )
    return revision != lineage.head


def create(connection: Connection, lineage: Lineage) -> None:
    """Make every table in an empty database; the test suite proves that migrations give the same."""
    metadata.create_all(connection, checkfirst=False)
    version_table.create(connection, checkfirst=False)
    connection.execute(version_table.insert().values(version_num=lineage.head))


async def migrate(database: Database, lineage: Lineage, note: str = "") -> None:
    """Bring an older database up to date, or leave it as it was. Raises StoreError."""
    try:
        await database.write(lambda connection: upgrade(connection, lineage))
    except (StoreFull, StoreLocked):
        raise
    except Exception as error:
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise StoreError(f"{database.where} could not be brought up to date and is as it was{note}: {why}") from error


def upgrade(connection: Connection, lineage: Lineage) -> None:
    """Migrate, inside the caller's transaction: it is all there or nothing is."""
    from alembic import command  # noqa: PLC0415 - 400 ms that only a migration pays
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(lineage.scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, lineage.head)
