"""Colour between the ways that devices write it and `{hue: 0-360, saturation: 0-100}`, always at full value.

xy uses the wide-gamut D65 matrices that Philips publishes for Hue.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable, Mapping

from claw.errors import CodecError
from claw.model.json import Json

Rgb = tuple[float, float, float]
Hs = tuple[float, float]  # each 0..1
MIN_Y = 1e-6

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


def _xy(wire: Json) -> Hs:
    x, y = (wire[0], wire[1]) if isinstance(wire, list | tuple) and len(wire) == 2 else (None, None)  # noqa: PLR2004
    if isinstance(wire, Mapping):
        x, y = wire.get("x"), wire.get("y")
    x, y = _bounded(x, "x", 1), max(_bounded(y, "y", 1), MIN_Y)
    xyz = (x / y, 1.0, (1 - x - y) / y)
    linear = [max(0.0, sum(m * v for m, v in zip(row, xyz, strict=True))) for row in _TO_RGB]
    top = max(linear)
    if top <= 0:
        return 0.0, 0.0
    red, green, blue = (_gamma(part / top) for part in linear)
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


def _write_xy(hs: Hs) -> Json:
    rgb = [_linear(part) for part in colorsys.hsv_to_rgb(*hs, 1.0)]
    x, y, z = (sum(m * v for m, v in zip(row, rgb, strict=True)) for row in _TO_XYZ)
    total = x + y + z
    return {"x": round(x / total, 4), "y": round(y / total, 4)}


_READ: Mapping[str, Callable[[Json], Hs]] = {
    "hsv_deg": _hsv_deg,
    "hsv_16": _hsv_16,
    "xy": _xy,
    "rgb": _rgb,
    "rgb_list": _rgb_list,
    "hex": _hex,
}
_WRITE: Mapping[str, Callable[[Hs], Json]] = {
    "hsv_deg": lambda hs: {"hue": round(hs[0] * 360, 2), "saturation": round(hs[1] * 100, 2)},
    "hsv_16": lambda hs: {"hue": round(hs[0] * 65535), "sat": round(hs[1] * 254)},
    "xy": _write_xy,
    "rgb": lambda hs: dict(zip("rgb", _bytes(hs), strict=True)),
    "rgb_list": lambda hs: list(_bytes(hs)),
    "hex": lambda hs: bytes(_bytes(hs)).hex(),
}
WIRES = tuple(_READ)


def to_human(wire: str, value: Json) -> Json:
    """`{hue, saturation}` of a colour written as `wire`. Raises CodecError."""
    hue, saturation = _READ[wire](value)
    return {"hue": round(hue * 360, 2), "saturation": round(saturation * 100, 2)}


def to_wire(wire: str, value: Json) -> Json:
    """The colour `{hue, saturation}` written as `wire`. Raises CodecError."""
    return _WRITE[wire](_hsv_deg(value))
