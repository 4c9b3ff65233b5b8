from __future__ import annotations

import logging
import stat
from pathlib import Path

import pytest
from hypothesis import given
from sqlalchemy import text

from claw.errors import StoreError
from claw.protocols import binding
from claw.store import Store
from claw.store.secrets import Secrets
from tests.store import samples

VALUE = "hunter2-very-secret"


async def test_get_put_replace_delete(store: Store) -> None:
    kept: binding.Secrets = store.secrets
    assert await kept.get("hue-1") is None
    await kept.put("hue-1", "old")
    await kept.put("hue-1", VALUE)
    await kept.put("hap-2", "{}")
    assert await kept.get("hue-1") == VALUE
    assert await store.secrets.refs() == ["hap-2", "hue-1"]
    await store.secrets.delete("hue-1")
    await store.secrets.delete("never-met")
    assert await kept.get("hue-1") is None
    assert await Secrets(store.database).get("hue-1") is None


@samples.LAW
@given(value=samples.texts)
async def test_any_text_can_be_a_secret(store: Store, value: str) -> None:
    await store.secrets.put("x", value)
    assert await store.secrets.get("x") == value
    assert await Secrets(store.database).get("x") == value
    again = Secrets(store.database)
    await again.load()
    assert await again.get("x") == value


async def test_values_are_in_no_repr_log_or_error(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, "sqlalchemy")
    await store.secrets.put("hue-1", VALUE)
    await store.secrets.get("hue-1")
    await store.database.write(lambda connection: connection.execute(text("DROP TABLE secrets")).close())
    with pytest.raises(StoreError) as raised:
        await store.secrets.put("hue-1", VALUE)
    assert "INSERT INTO secrets" in caplog.text  # there was something to see
    chain: list[BaseException | None] = [raised.value, raised.value.__cause__]
    assert all(VALUE not in f"{error!r} {error}" for error in chain)
    assert VALUE not in repr(store.secrets) + repr(vars(store.secrets))
    assert VALUE not in caplog.text


async def test_folder_and_files_are_for_the_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "made" / "here"
    async with await Store.open(f"sqlite:///{folder / 'claw.db'}") as store:
        await store.secrets.put("hue-1", VALUE)
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}
    assert modes == dict.fromkeys(("claw.db", "claw.db-wal", "claw.db-shm", "claw.lock"), 384)


async def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    file = tmp_path / "claw.db"
    await (await Store.open(f"sqlite:///{file}")).aclose()
    file.chmod(0o644)
    await (await Store.open(f"sqlite:///{file}")).aclose()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_deleted_secret_leaves_no_bytes_behind(tmp_path: Path) -> None:
    file = tmp_path / "claw.db"
    async with await Store.open(f"sqlite:///{file}") as store:
        await store.secrets.put("hue-1", VALUE)
    assert VALUE.encode() in file.read_bytes()
    async with await Store.open(f"sqlite:///{file}") as store:
        await store.secrets.delete("hue-1")
    assert VALUE.encode() not in file.read_bytes()
