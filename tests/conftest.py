"""What every test lives by: asyncio, loopback only, and honest skips."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests.support import programs, sockets

sockets.guard()

# a busy machine is slow, not wrong: how long an example takes is measured in tests/bench, not here
settings.register_profile("claw", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("claw")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


def pytest_runtest_setup(item: pytest.Item) -> None:
    for marker in item.iter_markers("requires"):
        for program in marker.args:
            if reason := programs.missing(program):
                programs.skip_or_fail(reason)
