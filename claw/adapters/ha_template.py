"""The common forms of Home Assistant's templates as JMESPath, codec steps and bodies; None for all others. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any, Final

from claw.adapters.draft import Draft

_VALUE: Final = re.compile(r"\s*\{\{-?\s*(.*?)\s*-?\}\}\s*", re.DOTALL)
_PATH: Final = re.compile(
    r"value_json((?:\.[A-Za-z_][A-Za-z0-9_]*|\[(?:'[^'\"\\{}]+'|\"[^'\"\\{}]+\"|[0-9]{1,3})\])*)"
)
_STEP: Final = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\[(?:'([^']+)'|\"([^\"]+)\"|([0-9]+))\]")
_FILTER: Final = re.compile(r"(int|float|round|is_defined|string|default)(?:\(\s*(-?[0-9.]*)[^()]{0,20}\))?")
_SUM: Final = re.compile(r"(.*?)\s*([*/])\s*([0-9]{1,9}(?:\.[0-9]{1,9})?)", re.DOTALL)
_SLOT: Final = re.compile(r"\{\{-?\s*value\s*(?:\|\s*(?:int|float|round)\s*(?:\([0-9.]*\)\s*)?)*-?\}\}")


@dataclass(frozen=True, slots=True)
class Selection:
    """Where in the payload the value is, and what is done to it. `path`: its members, for the binding's own use."""

    select: str = "@"
    path: tuple[str, ...] = ()
    codec: tuple[Draft, ...] = field(default=())


def selection(template: str) -> Selection | None:
    """A value template; an empty one takes the payload as it is."""
    if not template.strip():
        return Selection()
    inside = _VALUE.fullmatch(template)
    if inside is None or "{%" in template or "{{" in inside[1]:
        return None
    expression = inside[1].strip()
    codec: list[Draft] = []
    if total := _SUM.fullmatch(expression):
        expression, factor = total[1].strip().removeprefix("(").removesuffix(")").strip(), float(total[3])
        if not factor:
            return None
        codec.append({"op": "cast", "to": "number", "wire": "number"})
        ends = ([0, factor], [0, 1]) if total[2] == "/" else ([0, 1], [0, factor])
        codec.append({"op": "scale", "from": ends[0], "to": ends[1]})
    source, *filters = (part.strip() for part in expression.split("|"))
    for each in filters:
        applied = _FILTER.fullmatch(each)
        if applied is None:
            return None
        if applied[1] == "round":
            codec.append({"op": "round", "digits": int(applied[2]) if re.fullmatch("[0-9]", applied[2] or "") else 0})
    return _selected(source.strip("() "), tuple(codec))


def _selected(source: str, codec: tuple[Draft, ...]) -> Selection | None:
    if source == "value":
        return Selection("@", (), codec)
    path = _PATH.fullmatch(source)
    if path is None:
        return None
    members: list[str] = []
    select = ""
    for name, single, double, index in _STEP.findall(path[1]):
        member = name or single or double
        members.append(member or index)
        select += f"[{int(index)}]" if index else ("." if select else "") + json.dumps(member)
    return Selection(select or "@", tuple(members), codec)


def body(template: str) -> Any:  # noqa: ANN401 - any JSON
    """A command template as a `claw:body`: JSON where it is JSON, else text; None for what does not invert."""
    if "{%" in template or "{value}" in template:
        return None
    text = _SLOT.sub("{value}", template).strip()
    if text in ("", "{value}"):
        return "{value}"
    try:
        # quoted or not, the codec gives the value the type that the device reads
        parsed = json.loads(text.replace('"{value}"', "{value}").replace("{value}", '"{value}"'))
    except (ValueError, RecursionError):
        return text if text.count("{value}") == 1 and text.count("{") == 1 else None
    return parsed if isinstance(parsed, dict | list) and _slots(parsed) == 1 else None


def _slots(value: Any) -> int:  # noqa: ANN401 - any JSON
    """How often the value stands in a body; many when anything else would be taken for a variable."""
    if isinstance(value, dict):
        return sum(_slots(each) for each in value.values()) + (99 if any("{" in key for key in value) else 0)
    if isinstance(value, list):
        return sum(_slots(each) for each in value)
    if isinstance(value, str):
        return 1 if value == "{value}" else 99 if "{" in value else 0
    return 0
