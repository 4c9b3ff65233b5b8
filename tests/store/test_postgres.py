from __future__ import annotations

import socket
from contextlib import closing

import pytest
from sqlalchemy import text

from claw.errors import StoreCorrupt, StoreError, StoreFull
from claw.store import Store
from tests.store import samples
from tests.store.postgres import Server

PASSWORD = "hunter2-very-secret"


async def refused(url: str, words: str, kind: type[StoreError] = StoreError) -> None:
    with pytest.raises(kind, match=words) as raised:
        await Store.open(url)
    assert "\n" not in str(raised.value)
    assert PASSWORD not in str(raised.value)


async def test_nobody_listens() -> None:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        # bound but not listening: refused, and nobody else can take it meanwhile
        await refused(
            f"postgresql://claw:{PASSWORD}@127.0.0.1:{port}/house",
            rf"Cannot reach the PostgreSQL database 'house' on 127\.0\.0\.1:{port}: .*Start PostgreSQL",
        )


async def test_no_socket_in_the_folder(tmp_path: object) -> None:
    await refused(f"postgresql://claw@/house?host={tmp_path}", "Cannot reach .* no such file")


@pytest.mark.requires("postgres")
async def test_there_is_no_such_database(postgres_server: Server) -> None:
    await refused(postgres_server.url("atlantis"), "no such database .*'atlantis'.*createdb")


@pytest.mark.requires("postgres")
async def test_a_wrong_password(postgres_server: Server) -> None:
    postgres_server.sql("CREATE ROLE locked LOGIN PASSWORD 'right'")
    await refused(
        postgres_server.url("postgres", f"locked:{PASSWORD}"), "Cannot reach .*password.*correct the database"
    )


@pytest.mark.requires("postgres")
async def test_the_tables_of_another_program_are_left_alone(postgres_server: Server) -> None:
    name = postgres_server.make_database()
    postgres_server.sql("CREATE TABLE things (x integer)", name)
    await refused(postgres_server.url(name), "'things' belongs to another program", StoreCorrupt)
    postgres_server.sql("ALTER TABLE things RENAME TO other", name)
    await (await Store.open(postgres_server.url(name))).aclose()  # other tables are nobody's business


@pytest.mark.requires("postgres")
async def test_a_user_who_may_not_make_tables(postgres_server: Server) -> None:
    name = postgres_server.make_database()
    postgres_server.sql("CREATE ROLE reader LOGIN")
    await refused(postgres_server.url(name, "reader"), "may not write in .*owner")


@pytest.mark.requires("postgres")
async def test_a_server_that_was_restarted_is_found_again(postgres_server: Server) -> None:
    name = postgres_server.make_database()
    async with await Store.open(postgres_server.url(name)) as store:
        await store.things.save(samples.LAMP)
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        postgres_server.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}", name)  # noqa: S608 - a constant
        assert await store.things.all() == [samples.LAMP]
        await store.things.save(samples.LAMP)


@pytest.mark.requires("postgres")
async def test_a_full_disk_of_the_server(postgres_server: Server) -> None:
    name = postgres_server.make_database()
    async with await Store.open(postgres_server.url(name)) as store:
        # the server's own error, raised where it would be raised: on insert
        function = "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END"
        postgres_server.sql(f"CREATE FUNCTION full_() RETURNS trigger LANGUAGE plpgsql AS $${function}$$", name)
        postgres_server.sql("CREATE TRIGGER t BEFORE INSERT ON things FOR EACH ROW EXECUTE FUNCTION full_()", name)
        with pytest.raises(StoreFull, match="no room left for the PostgreSQL database"):
            await store.things.save(samples.LAMP)
        await store.database.write(lambda connection: connection.execute(text("DROP TRIGGER t ON things")).close())
        await store.things.save(samples.LAMP)
