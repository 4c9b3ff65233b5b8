"""What every test lives by: asyncio, loopback only, and honest skips."""

from __future__ import annotations

import pytest

from tests.support import programs, sockets

sockets.guard()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("requires"):
        for program in marker.args:
            if reason := programs.missing(program):
                programs.skip_or_fail(reason)
