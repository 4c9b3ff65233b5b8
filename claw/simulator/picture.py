"""Draws the street as a camera sees it, as JPEG (Pillow, from the extra `demo`, loaded with the first picture)."""

from __future__ import annotations

import importlib.util
import io
from dataclasses import dataclass
from typing import Any

from claw.errors import SettingsError

WIDTH, HEIGHT = 640, 360
_QUALITY = 80
_SKY, _WALL, _GRASS, _ROAD, _LINE = (150, 190, 225), (176, 120, 96), (92, 140, 78), (92, 92, 98), (215, 210, 190)
_CAB, _BOX, _TYRE, _GLASS, _LAMP = (200, 44, 36), (236, 236, 230), (28, 28, 30), (70, 96, 120), (255, 238, 170)

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class View:
    """Where a camera stands: `zoom` around the centre `x`, and its caption."""

    caption: str
    x: float = 0.5
    zoom: float = 1.0


@dataclass(frozen=True, slots=True)
class Moment:
    """What there is to draw: the truck's nose (share of the street's width), the light, and a grain seed."""

    truck: float | None
    daylight: float
    grain: int


def require() -> None:
    """Raise SettingsError unless pictures can be drawn."""
    if importlib.util.find_spec("PIL") is None:
        raise SettingsError("The simulated cameras need Pillow; install it with: pip install 'claw[demo]'.")


def draw(moment: Moment, view: View) -> bytes:
    """One frame as JPEG."""
    from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415 - the extra `demo`; nobody else pays for it

    image = Image.new("RGB", (WIDTH, HEIGHT), _lit(_SKY, moment.daylight))
    pen = ImageDraw.Draw(image)
    eye = _Eye(pen, view, moment.daylight)
    eye.box(-1, 0.16, 2, 0.52, _WALL)
    for window in range(-4, 12):
        left = window * 0.16 + 0.03
        eye.box(left, 0.24, left + 0.07, 0.38, _GLASS if moment.daylight > 0.3 else _LAMP)  # noqa: PLR2004 - dusk
    eye.box(-1, 0.52, 2, 0.62, _GRASS)
    eye.box(-1, 0.62, 2, 1.0, _ROAD)
    for dash in range(-6, 14):
        eye.box(dash * 0.14, 0.86, dash * 0.14 + 0.07, 0.875, _LINE)
    if moment.truck is not None:
        _truck(eye, moment.truck)
    pen.text((8, HEIGHT - 18), view.caption, fill=(255, 255, 255))
    noise = Image.effect_noise((WIDTH // 4, HEIGHT // 4), 6 + moment.grain % 3).resize((WIDTH, HEIGHT))
    # effect_noise is centred on 128: taking that off again leaves the light as it was
    image = ImageChops.add(image, Image.merge("RGB", (noise, noise, noise)), 1, -128)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=_QUALITY)
    return buffer.getvalue()


class _Eye:
    """A pencil that thinks in shares of the street and draws in pixels of the view."""

    def __init__(self, pen: Any, view: View, light: float) -> None:  # noqa: ANN401 - Pillow is loaded lazily
        self._pen = pen
        self._view = view
        self._light = light

    def _at(self, x: float, y: float) -> tuple[float, float]:
        return (0.5 + (x - self._view.x) * self._view.zoom) * WIDTH, (0.6 + (y - 0.6) * self._view.zoom) * HEIGHT

    def box(self, left: float, top: float, right: float, bottom: float, colour: Colour) -> None:
        """A lit rectangle; lamps shine by themselves."""
        fill = colour if colour == _LAMP else _lit(colour, self._light)
        self._pen.rectangle((self._at(left, top), self._at(right, bottom)), fill=fill)

    def wheel(self, x: float, y: float, radius: float) -> None:
        """A tyre."""
        self._pen.ellipse(
            (self._at(x - radius, y - radius * 1.8), self._at(x + radius, y + radius * 1.8)),
            fill=_lit(_TYRE, self._light),
        )


def _truck(eye: _Eye, nose: float) -> None:
    eye.box(nose - 0.32, 0.44, nose - 0.09, 0.76, _BOX)
    eye.box(nose - 0.085, 0.54, nose, 0.76, _CAB)
    eye.box(nose - 0.05, 0.57, nose - 0.01, 0.65, _GLASS)
    eye.box(nose - 0.012, 0.70, nose, 0.73, _LAMP)
    for place in (0.27, 0.20, 0.045):
        eye.wheel(nose - place, 0.77, 0.026)


def _lit(colour: Colour, light: float) -> Colour:
    red, green, blue = colour
    return int(red * light), int(green * light), int(blue * light)
