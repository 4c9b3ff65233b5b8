from __future__ import annotations

from pathlib import Path

import pytest

from claw.errors import SettingsError
from claw.store.url import locate


@pytest.mark.parametrize("prefix", ["sqlite:///", "sqlite+aiosqlite:///"])
def test_sqlite_files(prefix: str) -> None:
    where = locate(f"{prefix}/data/claw.db")
    assert where.file == Path("/data/claw.db")
    assert where.url.render_as_string() == "sqlite+aiosqlite:////data/claw.db"
    assert str(where) == "/data/claw.db"


def test_a_relative_file_is_made_absolute() -> None:
    assert locate("sqlite:///claw.db").file == Path.cwd() / "claw.db"


@pytest.mark.parametrize("driver", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_postgres(driver: str) -> None:
    where = locate(f"{driver}://claw:pass%40word@db.lan/house")
    assert where.file is None
    assert where.url.drivername == "postgresql+asyncpg"
    assert where.url.password == "pass@word"
    assert str(where) == "the PostgreSQL database 'house' on db.lan:5432"


def test_postgres_on_a_socket_and_with_tls() -> None:
    where = locate("postgresql://claw@/house?host=/run/pg&sslmode=require")
    assert str(where) == "the PostgreSQL database 'house' on /run/pg:5432"
    assert where.url.query == {"host": "/run/pg", "ssl": "require"}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "not a URL"),
        ("/data/claw.db", "not a URL"),
        ("postgresql://claw:secret@host:port/x", "not a URL"),
        ("mysql://claw:secret@host/x", "'mysql'"),
        ("sqlite://", "plain file"),
        ("sqlite:///:memory:", "plain file"),
        ("sqlite:////data/claw.db?mode=ro", "plain file"),
        ("postgresql://claw:secret@host", "no database"),
        ("postgresql://claw:secret@host/x?options=-c", "'options'"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line_without_the_password(text: str, word: str) -> None:
    with pytest.raises(SettingsError, match=word) as raised:
        locate(text)
    assert "\n" not in str(raised.value)
    assert "secret" not in str(raised.value)
