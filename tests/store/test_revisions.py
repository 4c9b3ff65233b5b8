"""Migrations: they give the tables that the code works with, and they never cost anybody's data."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import anyio
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from claw.errors import StoreError, StoreTooNew
from claw.store import Store, postgres, sqlite
from claw.store.database import Database
from claw.store.revisions import LINEAGE, VERSION_TABLE, Lineage, create, upgrade
from claw.store.tables import metadata
from claw.store.url import locate
from tests.store import samples
from tests.store.processes import PYTHON, ROOT

GOOD = """
import sqlalchemy as sa
from alembic import op
revision = "0002"
down_revision = "0001"
def upgrade():
    op.create_table("floors", sa.Column("id", sa.Text, primary_key=True))
    with op.batch_alter_table("areas") as areas:
        areas.add_column(sa.Column("colour", sa.Text, nullable=False, server_default="white"))
    op.execute("UPDATE areas SET colour = 'blue'")
"""
BAD = GOOD + "    raise RuntimeError('half way')\n"


@asynccontextmanager
async def empty(url: str) -> AsyncIterator[Database]:
    """A database with no tables at all."""
    where = locate(url)
    if where.file is not None:
        where.file.parent.mkdir(parents=True)
    engine = sqlite._engine(where) if where.file is not None else postgres._engine(where)
    database = Database(engine, where, lambda: None)
    yield database
    await database.aclose()


def described(connection: Connection) -> dict[str, object]:
    """The schema, as the database tells it."""
    look = inspect(connection)
    return {
        table: (
            {column["name"]: (str(column["type"]), column["nullable"]) for column in look.get_columns(table)},
            look.get_pk_constraint(table),
            sorted(map(str, look.get_foreign_keys(table))),
            sorted(map(str, look.get_indexes(table))),
            sorted(map(str, look.get_unique_constraints(table))),
        )
        for table in look.get_table_names()
        if table != VERSION_TABLE
    }


def differences(connection: Connection) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True, "version_table": VERSION_TABLE}
    return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def next_lineage(folder: Path, script: str) -> Lineage:
    scripts = folder / "migrations"
    shutil.copytree(LINEAGE.scripts, scripts, ignore=shutil.ignore_patterns("__pycache__"))
    (scripts / "versions" / "r0002_next.py").write_text(script)
    return Lineage(scripts, (*LINEAGE.revisions, "0002"))


def test_our_list_of_revisions_is_alembics() -> None:
    config = Config()
    config.set_main_option("script_location", str(LINEAGE.scripts))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == LINEAGE.revisions
    assert scripts.get_current_head() == LINEAGE.head


async def test_migrations_and_tables_agree(url: str) -> None:
    async with empty(url) as database:
        await database.write(lambda connection: upgrade(connection, LINEAGE))
        assert await database.read(differences) == []
        migrated = await database.read(described)
        await database.write(metadata.drop_all)
        await database.write(lambda c: c.execute(text(f"DROP TABLE {VERSION_TABLE}")).close())
        await database.write(lambda connection: create(connection, LINEAGE))
        assert await database.read(differences) == []
        assert await database.read(described) == migrated
    assert migrated.keys() == metadata.tables.keys()


async def test_an_older_database_is_migrated_with_its_data(url: str, tmp_path: Path) -> None:
    async with await Store.open(url) as store:
        await store.things.save(samples.LAMP)
        await store.database.write(lambda c: c.execute(text("INSERT INTO areas VALUES ('attic', '{}')")).close())
    async with await Store.open(url, lineage=next_lineage(tmp_path, GOOD)) as store:
        assert await store.things.all() == [samples.LAMP]
        rows = await store.database.read(lambda c: c.execute(text("SELECT id, colour FROM areas")).all())
        assert rows == [("attic", "blue")]
        assert await store.database.read(lambda c: inspect(c).has_table("floors"))


async def test_a_migrated_database_is_too_new_for_the_old_claw_which_leaves_it_alone(
    url: str, tmp_path: Path
) -> None:
    lineage = next_lineage(tmp_path, GOOD)
    await (await Store.open(url)).aclose()
    await (await Store.open(url, lineage=lineage)).aclose()
    file = locate(url).file
    before = file and file.read_bytes()
    with pytest.raises(StoreTooNew, match=r"newer Claw \(schema 0002; this one knows 0001\)"):
        await Store.open(url)
    assert (file and file.read_bytes()) == before
    await (await Store.open(url, lineage=lineage)).aclose()


async def test_a_failed_migration_changes_nothing(url: str, tmp_path: Path) -> None:
    async with await Store.open(url) as store:
        await store.things.save(samples.LAMP)
        before = await store.database.read(described)
    with pytest.raises(StoreError, match=r"half way") as raised:
        await Store.open(url, lineage=next_lineage(tmp_path, BAD))
    assert "is as it was" in str(raised.value)
    async with await Store.open(url) as store:
        assert await store.things.all() == [samples.LAMP]
        assert await store.database.read(described) == before


@pytest.mark.parametrize("script", [GOOD, BAD])
async def test_a_file_is_copied_before_it_is_migrated(tmp_path: Path, script: str) -> None:
    file = tmp_path / "data" / "claw.db"
    async with await Store.open(f"sqlite:///{file}") as store:
        await store.things.save(samples.LAMP)
    with closing(sqlite3.connect(file)) as connection:
        before = list(connection.iterdump())
    try:
        await (await Store.open(f"sqlite:///{file}", lineage=next_lineage(tmp_path, script))).aclose()
    except StoreError:
        assert script is BAD
        with closing(sqlite3.connect(file)) as connection:
            assert list(connection.iterdump()) == before
    copy = file.with_name("claw.db.0001.bak")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert list(connection.iterdump()) == before
    assert not list(file.parent.glob("*.part"))


async def test_neither_a_new_nor_a_current_database_imports_alembic_or_the_orm(url: str) -> None:
    script = (
        "import anyio, sys; from claw.store import Store\n"
        "async def main(): await (await Store.open(sys.argv[1])).aclose()\n"
        "anyio.run(main)\n"
        "print([name for name in ('alembic', 'sqlalchemy.orm', 'sqlalchemy.ext.asyncio') if name in sys.modules])\n"
        "print('asyncpg' in sys.modules)"
    )
    for _ in range(2):
        done = await anyio.run_process([*PYTHON, "-c", script, url], cwd=ROOT, stderr=None)
        assert done.stdout.decode().splitlines() == ["[]", str(locate(url).file is None)]
