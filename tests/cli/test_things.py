"""The table of things: by room, as wide as the screen, off and offline in plain words."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from claw.cli.things import SHORTEST, _page


def thing(title: str = "Lamp", *, area: str = "", online: bool = True, **values: Any) -> dict[str, Any]:
    properties = {name: {"value": value, "unit": ""} for name, value in values.items()}
    return {"title": title, "id": "lamp", "area": area, "level": 5, "online": online, "properties": properties}


def test_rooms_by_name_and_what_has_none_last() -> None:
    page = _page([thing("A"), thing("B", area="living_room"), thing("C", area="hall")], {"living_room": "Den"}, 100)
    assert [line for line in page.splitlines() if line and not line.startswith(" ")] == [
        "hall",
        "Den",
        "In no room yet",
    ]


def test_states_are_said_plainly() -> None:
    def said(**of: Any) -> str:
        return _page([thing(**of)], {}, 100).splitlines()[-1].split("  ")[-1].strip()

    assert said(on_off=True, brightness=40.0) == "on, brightness 40"
    assert said(on_off=False, brightness=40.0) == "off"
    assert said(on_off=False, online=False) == "OFFLINE, last known: off"
    assert said(playback="paused", mute=True, title="") == "paused, muted"
    assert said(snapshot="/a.jpg") == "-"


@given(st.lists(st.text(st.characters(categories=("L",)), min_size=1, max_size=64), min_size=1), st.integers(20, 200))
def test_no_line_is_wider_than_the_screen_or_than_it_must_be(titles: list[str], width: int) -> None:
    page = _page([thing(title, mode="x" * 300) for title in titles], {}, width)
    assert max(map(len, page.splitlines())) <= max(width, 28 + len("lamp") + SHORTEST + 13)
