"""Colours survive every way of writing them, and the vendor's own corners mean the pure colours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.adapters import color, values
from claw.capabilities import catalog
from claw.errors import CodecError

SPEC = catalog.capability("light").properties["color"]
colours = st.builds(lambda h, s: {"hue": h, "saturation": s}, st.floats(0, 360), st.floats(0, 100))


@given(value=colours, wire=st.sampled_from(color.WIRES), gamut=st.sampled_from(["", *color.GAMUTS]))
def test_every_colour_survives_every_way_of_writing_it(value: dict[str, float], wire: str, gamut: str) -> None:
    back = color.to_human(wire, color.to_wire(wire, value, gamut), gamut)
    assert values.close(SPEC, value, back), (value, back)
    assert values.problem(SPEC, back) == ""


@pytest.mark.parametrize("gamut", color.GAMUTS)
@pytest.mark.parametrize(("corner", "hue"), [(0, 0), (1, 120), (2, 240)])
def test_a_gamuts_corners_are_its_pure_colours(gamut: str, corner: int, hue: int) -> None:
    x, y = color.GAMUTS[gamut][corner]
    assert color.to_human("xy", {"x": x, "y": y}, gamut) == {"hue": pytest.approx(hue, abs=0.1), "saturation": 100}
    assert color.to_wire("xy", {"hue": hue, "saturation": 100}, gamut) == {"x": x, "y": y}


@pytest.mark.parametrize(
    ("wire", "value", "human"),
    [("hex", "ff8000", (30.1, 100)), ("hex", "#FF8000", (30.1, 100)), ("hex", "0000CC0000", (240, 100)),
     ("rgb_list", [255, 0, 255], (300, 100)), ("rgb_list", [0, 0, 0, 255], (0, 0)),
     ("rgb", {"r": 0, "g": 255, "b": 0}, (120, 100)), ("hsv_16", {"hue": 21845, "sat": 127}, (120, 50)),
     ("xy", [0.7006, 0.2993], (0, 100)), ("hsv_deg", {"hue": 10, "saturation": 20}, (10, 20))],
)  # fmt: skip
def test_known_colours(wire: str, value: object, human: tuple[float, float]) -> None:
    want = {"hue": human[0], "saturation": human[1]}
    assert values.close(SPEC, want, color.to_human(wire, value))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("wire", "value"),
    [("hex", "ff80"), ("hex", "zzzzzz"), ("hex", 7), ("rgb_list", [1, 2]), ("rgb_list", [300, 0, 0]),
     ("rgb", {"r": 1}), ("xy", {"x": 2, "y": 0}), ("xy", [0.1]), ("hsv_16", {"hue": True, "sat": 1}),
     ("hsv_deg", {"hue": -1, "saturation": 0})],
)  # fmt: skip
def test_what_is_no_colour_is_refused(wire: str, value: object) -> None:
    with pytest.raises(CodecError):
        color.to_human(wire, value)  # type: ignore[arg-type]


def test_no_light_at_all_is_white() -> None:
    assert color.to_human("rgb_list", [0, 0, 0]) == {"hue": 0, "saturation": 0}
    assert color.to_human("xy", {"x": 0, "y": 0})["saturation"] <= 100  # type: ignore[call-overload, index, operator]
