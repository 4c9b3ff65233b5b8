"""What a person may call a device."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.devices.targets import address, locate
from claw.errors import NotFound, UsageError
from tests.devices.conftest import TEST, Room
from tests.devices.lamp import Lamp


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("http://192.168.1.20:8080/x", ("http", "192.168.1.20", 8080, "/x")),
        ("192.168.1.20", ("http", "192.168.1.20", 80, "")),
        ("192.168.1.20:81", ("http", "192.168.1.20", 81, "")),
        ("lamp.local", ("http", "lamp.local", 80, "")),
        ("https://lamp", ("https", "lamp", 443, "")),
        ("fe80::1", ("http", "fe80::1", 80, "")),
        ("http://[fe80::1]:8080/", ("http", "fe80::1", 8080, "/")),
        ("mqtt://broker", ("mqtt", "broker", 1883, "")),
        ("rtsp://10.0.0.9/cam?channel=1", ("rtsp", "10.0.0.9", 554, "/cam?channel=1")),
        ("kitchen lamp", None),
        ("lamp", None),
        ("file:///etc/passwd", None),
        ("http://:80", None),
        ("192.168.1.20:99999", None),
    ],
)
def test_addresses(text: str, parts: tuple[str, str, int, str] | None) -> None:
    assert address(text) == parts


@given(st.text(max_size=100))
def test_law_any_text_is_an_address_or_none(text: str) -> None:
    found = address(text)
    assert found is None or (found.host and 0 < found.port < 65536)


async def test_a_device_is_found_by_thing_title_or_address(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    device = room.registry.devices[thing.thing.device_id]
    for name in (thing.id, "hall LAMP", device.id):
        assert (await locate(room.registry, name, TEST)).id == device.id
    by_url = await locate(room.registry, f"http://127.0.0.1:{lamp.port}/", TEST)
    assert by_url.host == "127.0.0.1"
    with pytest.raises(NotFound, match="Nothing here is called 'kichen lamp'"):
        await locate(room.registry, "kichen lamp", TEST)
    with pytest.raises(UsageError):
        await locate(room.registry, "x" * 1000, TEST)


async def test_a_name_that_fits_two_is_asked_back(room: Room, lamp: Lamp) -> None:
    await room.registry.meet(lamp.announcement(), TEST)
    await room.registry.meet(lamp.announcement(fields={"mac": "3c6105a1b2c4"}, port=1), TEST)
    with pytest.raises(UsageError, match="fits several"):
        await locate(room.registry, "hall lamp", TEST)
