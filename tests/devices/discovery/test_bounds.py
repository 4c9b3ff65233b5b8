"""Nothing that the LAN says gets past these limits."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.devices.discovery import bounds
from claw.devices.discovery.interfaces import Interface, Neighbourhood, chosen
from claw.errors import SettingsError


@given(st.one_of(st.text(), st.binary()))
def test_text_is_one_short_printable_line(raw: str | bytes) -> None:
    clean = bounds.text(raw, 20)
    assert len(clean) <= 20
    assert clean == clean.strip()
    assert clean.isprintable()


@given(st.lists(st.tuples(st.one_of(st.text(), st.binary()), st.one_of(st.none(), st.text(), st.binary()))))
def test_fields_are_bounded(pairs: list[tuple[str | bytes, str | bytes | None]]) -> None:
    kept = bounds.fields(pairs)
    assert len(kept) <= bounds.MAX_FIELDS
    assert all(key == key.lower() and 0 < len(key) <= bounds.MAX_KEY * 3 for key in kept)


def test_the_first_of_a_repeated_key_wins() -> None:
    assert bounds.fields([("A", "1"), (b"a", b"2"), ("", "x"), ("b", None)]) == {"a": "1", "b": ""}


@pytest.mark.parametrize(
    ("raw", "host"),
    [
        ("192.168.1.9", "192.168.1.9"),
        ("::ffff:192.168.1.9", "192.168.1.9"),
        ("FE80::1%3", "fe80::1%3"),
        ("fd00::1%3", "fd00::1"),
        ("lamp.local", None),
        ("239.1.2.3", None),
        ("ff02::fb", None),
        ("0.0.0.0", None),
        ("255.255.255.255", None),
        ("", None),
    ],
)
def test_hosts_are_addresses_of_one_machine(raw: str, host: str | None) -> None:
    assert bounds.host(raw) == host


@given(st.text(max_size=60).map("http://".__add__) | st.text(max_size=60))
def test_any_text_is_a_url_on_the_host_or_none(raw: str) -> None:
    found = bounds.url_of_host(raw, "192.168.1.9")
    assert found is None or found.startswith(("http://192.168.1.9:", "https://192.168.1.9:"))


def test_a_link_local_url_gets_its_scope() -> None:
    assert bounds.url_of_host("http://[fe80::1]/d", "fe80::1%4") == "http://[fe80::1%4]:80/d"
    assert bounds.url_of_host("http://[fe80::2]/d", "fe80::1%4") is None


LAN = [
    Interface("eth0", 2, ipaddress.ip_address("81.2.3.4"), 24),
    Interface("eth0", 2, ipaddress.ip_address("2a01::1"), 64),
]


@pytest.mark.parametrize("host", ["192.168.9.9", "81.2.3.9", "2a01::9", "fe80::1%2"])
def test_neighbours_are_believed(host: str) -> None:
    assert Neighbourhood(LAN).allows(host)


@pytest.mark.parametrize("host", ["81.2.4.9", "2a02::9", "127.0.0.1", "::1"])
def test_others_are_not_believed(host: str) -> None:
    assert not Neighbourhood(LAN).allows(host)


def test_interfaces_are_named_by_address() -> None:
    (odd,) = chosen(["127.0.0.53"])
    assert str(odd.address) == "127.0.0.53"
    assert str(odd.network) == "127.0.0.0/8"
    assert all(not interface.address.is_loopback for interface in chosen([]))


@pytest.mark.parametrize(
    ("raw", "why"), [("eth0", "takes an IP address"), ("203.0.113.77", "choose from"), ("", "takes")]
)
def test_an_interface_that_is_not_ours_is_refused(raw: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why):
        chosen([raw])
