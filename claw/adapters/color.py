"""Colour between the ways that devices write it and `{hue: 0-360, saturation: 0-100}`, always at full value.

xy uses the wide-gamut D65 matrices that Philips publishes for Hue; with `gamut` it uses the primaries that Philips
publishes for that kind of lamp instead, so that a full red is a red that the lamp can show and reads back as one.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from claw.errors import CodecError
from claw.model.json import Json

Rgb = tuple[float, float, float]
Hs = tuple[float, float]  # each 0..1
MIN_Y = 1e-6

Matrix = Sequence[Sequence[float]]

D65, WHITE_4000 = (0.3127, 0.3290), (0.3804, 0.3767)
WHITES: Mapping[str, tuple[float, float]] = {"A": D65, "B": WHITE_4000, "C": D65}  # gamut B cannot show D65
GAMUTS: Mapping[str, tuple[tuple[float, float], ...]] = {  # red, green, blue
    "A": ((0.704, 0.296), (0.2151, 0.7106), (0.138, 0.08)),
    "B": ((0.675, 0.322), (0.409, 0.518), (0.167, 0.04)),
    "C": ((0.6915, 0.3083), (0.17, 0.7), (0.1532, 0.0475)),
}
_TO_XYZ = (
    (0.664511, 0.154324, 0.162028),
    (0.283881, 0.668433, 0.047685),
    (0.000088, 0.072310, 0.986039),
)
_TO_RGB = (
    (1.656492, -0.354851, -0.255038),
    (-0.707196, 1.655397, 0.036152),
    (0.051713, -0.121364, 1.011530),
)


def _member(wire: Json, *names: str, top: float) -> float:
    found = next((wire[name] for name in names if name in wire), None) if isinstance(wire, Mapping) else None
    return _bounded(found, names[0], top)


def _bounded(value: Json, name: str, top: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= top:
        raise CodecError(f"A colour's {name} must be a number from 0 to {top:g}, not {value!r:.60}.")
    return value / top


def _hsv_deg(wire: Json) -> Hs:
    return _member(wire, "hue", "h", top=360), _member(wire, "saturation", "sat", "s", top=100)


def _hsv_16(wire: Json) -> Hs:
    return _member(wire, "hue", top=65535), _member(wire, "sat", "saturation", top=254)


def _rgb(wire: Json) -> Hs:
    red, green, blue = (_member(wire, name[0], name, top=255) for name in ("red", "green", "blue"))
    return _hs((red, green, blue))


def _rgb_list(wire: Json) -> Hs:
    if not isinstance(wire, list | tuple) or len(wire) not in (3, 4, 5):  # a fourth and fifth are whites
        raise CodecError(f"A colour must be [red, green, blue], not {wire!r:.60}.")
    red, green, blue = (_bounded(part, "part", 255) for part in wire[:3])
    return _hs((red, green, blue))


def _hex(wire: Json) -> Hs:
    try:
        raw = bytes.fromhex(wire.removeprefix("#")) if isinstance(wire, str) else b""
    except ValueError:
        raw = b""
    if len(raw) not in (3, 4, 5):
        raise CodecError(f"A colour must be six hex digits, not {wire!r:.60}.")
    return _hs((raw[0] / 255, raw[1] / 255, raw[2] / 255))


def _inverse(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    adjugate = (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )
    determinant = a * adjugate[0][0] + b * adjugate[1][0] + c * adjugate[2][0]
    return [[part / determinant for part in row] for row in adjugate]


def _times(m: Matrix, vector: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, vector, strict=True)) for row in m]


def _xyz(x: float, y: float) -> tuple[float, float, float]:
    return x / y, 1.0, (1 - x - y) / y


@cache
def _matrices(gamut: str) -> tuple[Matrix, Matrix]:
    """RGB to XYZ and back, for these primaries and their white."""
    if not gamut:
        return _TO_XYZ, _TO_RGB
    columns = [_xyz(*corner) for corner in GAMUTS[gamut]]
    corners = [[column[row] for column in columns] for row in range(3)]
    share = _times(_inverse(corners), _xyz(*WHITES[gamut]))
    matrix = [[part * weight for part, weight in zip(row, share, strict=True)] for row in corners]
    return matrix, _inverse(matrix)


def _xy(wire: Json, gamut: str) -> Hs:
    x, y = (wire[0], wire[1]) if isinstance(wire, list | tuple) and len(wire) == 2 else (None, None)  # noqa: PLR2004
    if isinstance(wire, Mapping):
        x, y = wire.get("x"), wire.get("y")
    linear = _times(_matrices(gamut)[1], _xyz(_bounded(x, "x", 1), max(_bounded(y, "y", 1), MIN_Y)))
    top = max(linear)
    if top <= 0:
        return 0.0, 0.0
    red, green, blue = (_gamma(max(0.0, part) / top) for part in linear)
    return _hs((red, green, blue))


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055  # noqa: PLR2004 - sRGB


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - sRGB


def _hs(rgb: Rgb) -> Hs:
    hue, saturation, _ = colorsys.rgb_to_hsv(*rgb)
    return hue, saturation


def _bytes(hs: Hs) -> tuple[int, int, int]:
    red, green, blue = colorsys.hsv_to_rgb(*hs, 1.0)
    return round(red * 255), round(green * 255), round(blue * 255)


def _write_xy(hs: Hs, gamut: str) -> Json:
    x, y, z = _times(_matrices(gamut)[0], [_linear(part) for part in colorsys.hsv_to_rgb(*hs, 1.0)])
    return {"x": round(x / (x + y + z), 4), "y": round(y / (x + y + z), 4)}


_READ: Mapping[str, Callable[[Json], Hs]] = {
    "hsv_deg": _hsv_deg,
    "hsv_16": _hsv_16,
    "rgb": _rgb,
    "rgb_list": _rgb_list,
    "hex": _hex,
}
_WRITE: Mapping[str, Callable[[Hs], Json]] = {
    "hsv_deg": lambda hs: {"hue": round(hs[0] * 360, 2), "saturation": round(hs[1] * 100, 2)},
    "hsv_16": lambda hs: {"hue": round(hs[0] * 65535), "sat": round(hs[1] * 254)},
    "rgb": lambda hs: dict(zip("rgb", _bytes(hs), strict=True)),
    "rgb_list": lambda hs: list(_bytes(hs)),
    "hex": lambda hs: bytes(_bytes(hs)).hex(),
}
WIRES = (*_READ, "xy")


def to_human(wire: str, value: Json, gamut: str = "") -> Json:
    """`{hue, saturation}` of a colour written as `wire`. Raises CodecError."""
    hue, saturation = _xy(value, gamut) if wire == "xy" else _READ[wire](value)
    return {"hue": round(hue * 360, 2), "saturation": round(saturation * 100, 2)}


def to_wire(wire: str, value: Json, gamut: str = "") -> Json:
    """The colour `{hue, saturation}` written as `wire`. Raises CodecError."""
    hs = _hsv_deg(value)
    return _write_xy(hs, gamut) if wire == "xy" else _WRITE[wire](hs)
