"""How the command line prints values and tables."""

from __future__ import annotations

from collections.abc import Sequence

from claw.model.json import Json

UNITS = {
    "percent": " %", "kelvin": " K", "celsius": " °C", "lux": " lx", "hectopascal": " hPa", "ppm": " ppm",
    "watt": " W", "kilowatt_hour": " kWh", "volt": " V", "ampere": " A",
}  # fmt: skip
LONGEST = 60


def value_words(value: Json, unit: str = "") -> str:
    """A value as a person would say it."""
    match value:
        case True:
            return "on"
        case False:
            return "off"
        case float():
            return f"{value:g}{UNITS.get(unit, '')}"
        case {"hue": hue, "saturation": saturation}:
            return f"hue {hue:g}° saturation {saturation:g} %"
        case _:
            return f"{value}{UNITS.get(unit, '')}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell; the last is cut rather than wrapped."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)]
    lines = []
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        last = row[-1] if len(row[-1]) <= LONGEST else row[-1][: LONGEST - 1] + "…"
        lines.append("  ".join([*cells, last]).rstrip())
    return "\n".join(lines)
