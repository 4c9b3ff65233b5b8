"""Two houses: one that everything is driven in, and one whose devices fall ill."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from claw.simulator import NAMES
from tests.e2e.home import Home, at_home


@pytest.fixture(scope="package")
async def home(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """Everything that the simulated house has."""
    async with at_home(tmp_path_factory.mktemp("home"), NAMES) as home:
        yield home


@pytest.fixture(scope="package")
async def ill(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Home]:
    """A bridge with its plug, and the pool; each test makes them well again."""
    async with at_home(tmp_path_factory.mktemp("ill"), ("hue", "plug", "pool")) as home:
        yield home
