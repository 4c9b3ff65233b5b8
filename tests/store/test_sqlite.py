# ruff: noqa: ASYNC240 - nothing else runs on a test's loop
from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from claw.errors import ClawError, StoreCorrupt, StoreError, StoreFull, StoreLocked, StoreTooNew
from claw.store import Store
from tests.store import samples
from tests.store.processes import PYTHON, child


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "claw.db"


def at(file: Path) -> str:
    return f"sqlite:///{file}"


async def make(file: Path, things: int = 1) -> None:
    async with await Store.open(at(file)) as store:
        await store.things.save(*(replace(samples.LAMP, id=f"lamp-{n}") for n in range(things)))


async def refused(file: Path, kind: type[StoreError], words: str) -> None:
    """Opening fails with one line that names the file, and changes nothing in it."""
    lock = file.with_name("claw.lock")
    before, beside = file.read_bytes(), {*file.parent.iterdir(), lock}
    with pytest.raises(kind, match=words) as raised:
        await Store.open(at(file))
    assert str(file) in str(raised.value)
    assert "\n" not in str(raised.value)
    assert file.read_bytes() == before
    assert {*file.parent.iterdir()} == beside


@pytest.mark.parametrize(
    "content", [b"x", b"hello, this is not a database\n" * 500, b"SQLite format 3\x00", bytes(8192)]
)
async def test_a_file_that_is_no_database_is_left_alone(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    await refused(file, StoreCorrupt, "not a database|malformed")


async def test_the_database_of_another_program_is_left_alone(file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    await refused(file, StoreCorrupt, "another program")


async def test_an_empty_file_becomes_a_database(file: Path) -> None:
    file.touch()
    await make(file)
    async with await Store.open(at(file)) as store:
        assert len(await store.things.all()) == 1


async def test_a_truncated_database_is_left_alone(file: Path) -> None:
    await make(file, things=50)
    os.truncate(file, file.stat().st_size // 2)
    await refused(file, StoreCorrupt, "damaged|malformed")


async def test_a_database_with_pages_overwritten_is_left_alone(file: Path) -> None:
    await make(file, things=50)
    content = bytearray(file.read_bytes())
    content[4096:-4096] = os.urandom(len(content) - 8192)
    file.write_bytes(content)
    await refused(file, StoreCorrupt, "damaged|malformed")


@samples.LAW
@given(place=st.floats(0, 1), junk=st.binary(min_size=1, max_size=600))
async def test_any_damage_is_noticed_or_harmless(file: Path, place: float, junk: bytes) -> None:
    file.unlink(missing_ok=True)
    await make(file, things=3)
    content = bytearray(file.read_bytes())
    start = int(place * (len(content) - len(junk)))
    content[start : start + len(junk)] = junk
    file.write_bytes(content)
    try:
        store = await Store.open(at(file))
    except ClawError:
        assert file.read_bytes() == content
        return
    async with store:
        try:
            await store.things.all()
            await store.things.save(samples.LAMP)
        except ClawError:
            pass  # damage inside a value, or where the start does not look; anything else fails the test


async def test_a_newer_database_is_left_alone_with_what_is_in_its_log(file: Path) -> None:
    await make(file)
    # as a newer Claw leaves it when it is killed: the newest data only in the log beside the file
    script = (
        "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "c.execute('PRAGMA journal_mode=WAL');"
        "c.execute(\"UPDATE claw_revision SET version_num = '9999'\"); os._exit(0)"
    )
    await anyio.run_process([*PYTHON, "-c", script, str(file)])
    log = file.with_name("claw.db-wal").read_bytes()
    assert log
    await refused(file, StoreTooNew, "newer Claw .*9999.*Update Claw")
    assert file.with_name("claw.db-wal").read_bytes() == log


async def test_a_database_without_a_revision_is_not_taken_for_ours(file: Path) -> None:
    await make(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("DELETE FROM claw_revision")
    await refused(file, StoreTooNew, "newer Claw")


async def test_another_program_that_writes_makes_us_wait_and_then_say_so(file: Path) -> None:
    async with await Store.open(at(file)) as store:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreLocked, match=r"claw\.db is locked by another program.*Close"):
                await store.things.save(samples.LAMP)
            assert await store.things.all() == []  # reading goes on
            other.execute("ROLLBACK")
        await store.things.save(samples.LAMP)
        assert await store.things.all() == [samples.LAMP]


async def test_another_program_that_holds_the_whole_file_is_named_at_the_start(file: Path) -> None:
    await make(file)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StoreLocked, match="Close that program"):
            await Store.open(at(file))
    await make(file)


async def test_a_full_database_says_so_keeps_what_it_has_and_recovers(file: Path) -> None:
    async with await Store.open(at(file)) as store:

        async def room(pages: int) -> None:
            await store.database.read(lambda c: c.execute(text(f"PRAGMA max_page_count={pages}")).close())

        await store.things.save(samples.LAMP)
        await room(1)  # SQLite takes it for "no more than there are"
        big = replace(samples.LAMP, id="big", title="x" * 100_000)
        with pytest.raises(StoreFull, match=r"no room left for .*claw\.db.*Free some space"):
            await store.things.save(replace(samples.LAMP, title="changed"), big)
        assert await store.things.all() == [samples.LAMP]
        await room(1_000_000)
        await store.things.save(big)
        assert len(await store.things.all()) == 2


@pytest.mark.requires("bwrap")
async def test_a_full_disk_says_so_keeps_what_it_has_and_recovers(tmp_path: Path) -> None:
    small = ("bwrap", "--dev-bind", "/", "/", "--size", str(1024 * 1024), "--tmpfs", str(tmp_path))
    async with child("fill", at(tmp_path / "claw.db"), under=small) as filler:
        full, again = await filler.rest()
    assert full.startswith("full True There is no room left")
    assert again.strip() == "again True"


@pytest.mark.requires("bwrap")
async def test_a_disk_that_is_full_from_the_start(tmp_path: Path) -> None:
    small = ("bwrap", "--dev-bind", "/", "/", "--size", str(16 * 1024), "--tmpfs", str(tmp_path))
    async with child("hold", at(tmp_path / "claw.db"), under=small) as opener:
        [line] = await opener.rest()
    assert line.startswith("StoreFull There is no room left")


async def test_a_folder_in_the_place_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="is a directory"):
        await Store.open(at(tmp_path))


async def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match=r"Cannot make the data folder .*/file/data: .*Choose another"):
        await Store.open(at(tmp_path / "file" / "data" / "claw.db"))


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder that we may read only; root lays its power down for as long as the test lasts."""
    folder = Path(tempfile.mkdtemp(prefix="claw"))  # pytest's own folders are closed to others
    folder.chmod(0o555)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield folder
    if root:
        os.seteuid(0)
    folder.chmod(0o755)
    shutil.rmtree(folder)


async def test_a_folder_that_we_may_not_write(unprivileged: Path) -> None:
    with pytest.raises(StoreError, match=rf"Cannot write in {unprivileged}: Permission denied\. Make it yours"):
        await Store.open(at(unprivileged / "claw.db"))
    with pytest.raises(StoreError, match=r"Cannot make the data folder .*: Permission denied"):
        await Store.open(at(unprivileged / "data" / "claw.db"))
    assert not list(unprivileged.iterdir())
