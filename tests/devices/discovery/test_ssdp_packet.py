"""What counts as an SSDP packet, and what is read from it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.devices.discovery.bounds import MAX_FIELDS, MAX_VALUE
from claw.devices.discovery.ssdp_packet import DEFAULT_AGE, MAX_AGE, Said, parse, search
from tests.devices.discovery.lan import notify

WORDS = st.sampled_from(
    [b"NOTIFY * HTTP/1.1", b"HTTP/1.1 200 OK", b"USN: uuid:x::y", b"NT: y", b"ST: y", b"NTS: ssdp:alive"]
)
MESSES = st.lists(
    st.one_of(WORDS, st.binary(max_size=60), st.just(b"CACHE-CONTROL: max-age=99999999999")), max_size=90
)


@given(lines=MESSES, end=st.sampled_from([b"\r\n", b"\n", b"\r", b"\r\r\n"]))
def test_any_bytes_give_a_bounded_packet_or_none(lines: list[bytes], end: bytes) -> None:
    packet = parse(end.join(lines))
    if packet is not None:
        assert len(packet.fields) <= MAX_FIELDS
        assert all(len(value) <= MAX_VALUE and value.isprintable() for value in packet.fields.values())
        assert 0 <= packet.max_age <= MAX_AGE
        assert packet.kind.isascii()


@given(st.binary(max_size=9000))
def test_noise_is_nothing(data: bytes) -> None:
    assert parse(data) is None or data[:6].upper() in (b"NOTIFY", b"HTTP/1")


@pytest.mark.parametrize(
    ("target", "usn", "kind"),
    [
        ("a:b", "uuid:1::a:b", "a:b"),
        ("echoed", "uuid:1::truth", "truth"),
        ("urn:x:device:Basic:1", "uuid:1", "urn:x:device:Basic:1"),
        ("ssdp:all", "uuid:1", "upnp:rootdevice"),
    ],
)
def test_the_usn_is_believed_over_the_target(target: str, usn: str, kind: str) -> None:
    packet = parse(f"HTTP/1.1 200 OK\r\nST:{target}\r\nUSN:{usn}\r\n\r\n".encode())
    assert packet is not None
    assert (packet.said, packet.kind, packet.uuid) == (Said.REPLY, kind, "uuid:1")


@pytest.mark.parametrize(
    ("header", "age"),
    [("max-age=100", 100), ('no-cache="x", max-age = "60"', 60), ("", DEFAULT_AGE), ("max-age=x", DEFAULT_AGE)],
)
def test_age(header: str, age: float) -> None:
    packet = parse(notify("uuid:1::x", "x", **{"Cache-Control": header}))
    assert packet is not None
    assert packet.max_age == age


def test_a_search_has_the_space_that_some_devices_insist_on() -> None:
    assert b"\r\nST: ssdp:all\r\n\r\n" in search("ssdp:all", "239.255.255.250")
