"""Colour names and what they mean: hue in degrees, saturation in percent."""

from __future__ import annotations

from claw.model.json import Json

COLORS: dict[str, tuple[int, int]] = {
    "red": (0, 100), "orange": (30, 100), "amber": (42, 100), "gold": (50, 100), "yellow": (60, 100),
    "lime": (90, 100),
    "green": (120, 100), "turquoise": (174, 72), "cyan": (180, 100), "light blue": (200, 60), "blue": (240, 100),
    "indigo": (260, 100), "violet": (275, 76), "purple": (285, 85), "magenta": (300, 100), "pink": (340, 55),
    "lavender": (260, 30), "white": (0, 0),
}  # fmt: skip
WHITE_KELVIN = 4000
_PALE = 8  # percent saturation below which every hue looks white
_CLOSE = 12  # degrees and percent that the eye forgives


def color_value(name: str) -> dict[str, Json]:
    """The property's value for a colour name."""
    hue, saturation = COLORS[name]
    return {"hue": hue, "saturation": saturation}


def color_name(hue: float, saturation: float) -> str:
    """The name of a colour as observed, or its numbers."""
    if saturation < _PALE:
        return "white"
    for name, (known_hue, known_saturation) in COLORS.items():
        turn = abs(hue - known_hue) % 360
        if min(turn, 360 - turn) <= _CLOSE and abs(saturation - known_saturation) <= _CLOSE:
            return name
    return f"at hue {hue:g}, saturation {saturation:g}%"
