"""Every test that takes `store` or `url` runs on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from claw.store import Store
from tests.store.postgres import Server, serve


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.requires("postgres"))])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'claw.db'}"
    server: Server = request.getfixturevalue("postgres_server")
    return server.url(server.empty_database())


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An open, empty store."""
    async with await Store.open(url) as opened:
        yield opened
