"""Hue and saturation to and from CIE 1931 xy, through wide-gamut RGB as Philips' developer guide gives it."""

from __future__ import annotations

import colorsys

_TO_XYZ = ((0.664511, 0.154324, 0.162028), (0.283881, 0.668433, 0.047685), (0.000088, 0.072310, 0.986039))
_TO_RGB = ((1.656492, -0.354851, -0.255038), (-0.707196, 1.655397, 0.036152), (0.051713, -0.121364, 1.011530))
_LINEAR = 0.04045
_GAMMA = 2.4


def xy_of(hue: float, saturation: float) -> tuple[float, float]:
    """The xy of a hue (0..1) and saturation (0..1) at full value, four digits."""
    linear = [_expand(channel) for channel in colorsys.hsv_to_rgb(hue, saturation, 1.0)]
    x, y, z = (sum(weight * channel for weight, channel in zip(row, linear, strict=True)) for row in _TO_XYZ)
    total = x + y + z
    return round(x / total, 4), round(y / total, 4)


def hue_of(x: float, y: float) -> tuple[float, float]:
    """The hue and saturation (0..1) nearest to an xy."""
    y = max(y, 0.0001)
    xyz = (x / y, 1.0, (1 - x - y) / y)
    linear = [max(0.0, sum(weight * part for weight, part in zip(row, xyz, strict=True))) for row in _TO_RGB]
    top = max(*linear, 0.0001)
    red, green, blue = (_compress(channel / top) for channel in linear)
    hue, saturation, _ = colorsys.rgb_to_hsv(red, green, blue)
    return hue, saturation


def xy_of_mirek(mirek: float) -> tuple[float, float]:
    """The xy of a white (Kang et al. 2002, 1667 K to 25000 K)."""
    t = 1_000_000 / mirek
    if t <= 4000:  # noqa: PLR2004 - the fit has two pieces
        x = -0.2661239e9 / t**3 - 0.2343589e6 / t**2 + 0.8776956e3 / t + 0.179910
        y = -0.9549476 * x**3 - 1.37418593 * x**2 + 2.09137015 * x - 0.16748867
    else:
        x = -3.0258469e9 / t**3 + 2.1070379e6 / t**2 + 0.2226347e3 / t + 0.240390
        y = 3.0817580 * x**3 - 5.87338670 * x**2 + 3.75112997 * x - 0.37001483
    return round(x, 4), round(y, 4)


def _expand(channel: float) -> float:
    return ((channel + 0.055) / 1.055) ** _GAMMA if channel > _LINEAR else channel / 12.92


def _compress(channel: float) -> float:
    return 1.055 * channel ** (1 / _GAMMA) - 0.055 if channel > 0.0031308 else channel * 12.92  # noqa: PLR2004
