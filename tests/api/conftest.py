from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.living import Living, living


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Living]:
    async with living(tmp_path) as home:
        yield home
