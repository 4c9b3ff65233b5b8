"""A LAN and a house for each file: one device of somebody else's on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.real.house import House
from tests.real.lan import Lan, lan


@pytest.fixture(scope="module")
def network() -> Iterator[Lan]:
    with lan() as made:
        yield made


@pytest.fixture(scope="module")
def house(network: Lan, tmp_path_factory: pytest.TempPathFactory) -> House:
    return House(network.host("claw"), tmp_path_factory.mktemp("data"))
