from __future__ import annotations

import ipaddress

import pytest

from claw.errors import SettingsError
from claw.simulator.addresses import claim


def test_two_claims_never_share_a_block() -> None:
    first, second = claim(), claim()
    try:
        assert first.base != second.base
        assert ipaddress.ip_address(first.host(10)).is_loopback
        assert first.host(10, moved=True) not in {first.host(number) for number in range(10, 30)}
    finally:
        first.close()
        second.close()


def test_a_taken_block_is_refused_with_a_way_out() -> None:
    first = claim()
    try:
        with pytest.raises(SettingsError, match="--address-base"):
            claim(first.base)
    finally:
        first.close()
    claim(first.base).close()


def test_a_block_that_is_not_ours_is_refused() -> None:
    with pytest.raises(SettingsError):
        claim("192.0.2.")
