"""One bridge, many things: asking a device which units it has."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from claw.adapters import forms
from claw.adapters.adapter import Adapter, Expand, UnitModel
from claw.model.form import Form
from claw.model.json import Json

MAX_UNITS = 512  # on one device; the rest are not taken
MAX_TITLE = 80
MAX_UNIT = 128

Key = tuple[str, str]  # method and href
Read = Callable[[Form], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class UnitInstance:
    """One unit that a device has. `lacks`: properties and actions of the model that this one does not offer."""

    unit: str
    title: str
    model: str
    vars: Mapping[str, Json]
    lacks: frozenset[str] = frozenset()


async def expand(adapter: Adapter, read: Read) -> tuple[UnitInstance, ...]:
    """Every unit that the device offers now. Raises what `read` raises; an odd row is left out."""
    return units(adapter, {key: await read(form) for key, form in needed(adapter).items()})


def needed(adapter: Adapter) -> Mapping[Key, Form]:
    """The reads that tell which units there are, each once."""
    found = {}
    for model in adapter.units.values():
        if model.expand is not None:
            form, _ = forms.fill(model.expand.form, {})
            found[form.method, form.href] = form
    return found


def units(adapter: Adapter, answers: Mapping[Key, Json]) -> tuple[UnitInstance, ...]:
    """Every unit that these answers tell of, in the document's order; of two with one name the first. Pure."""
    found: dict[str, UnitInstance] = {}
    for model in adapter.units.values():
        if model.expand is None:
            found.setdefault(model.unit, UnitInstance(model.unit, model.title, model.name, {}))
            continue
        form, _ = forms.fill(model.expand.form, {})
        for instance in rows(model, model.expand, answers.get((form.method, form.href))):
            found.setdefault(instance.unit, instance)
    return tuple(found.values())[:MAX_UNITS]


def rows(model: UnitModel, how: Expand, answer: Json) -> list[UnitInstance]:
    """The units of one model in one answer."""
    selected = forms.select(how.form.select, answer)
    listed = selected if isinstance(selected, list) else [selected]
    instances = (_instance(model, how, row) for row in listed[:MAX_UNITS])
    return [instance for instance in instances if instance is not None]


def _instance(model: UnitModel, how: Expand, row: Json) -> UnitInstance | None:
    if row is None or (how.when and not _holds(how.when, row)):
        return None
    unit = _plain(forms.select(how.unit, row), MAX_UNIT)
    values = {name: forms.select(expression, row) for name, expression in how.vars.items()}
    if not unit or any(isinstance(value, list | dict) or value is None for value in values.values()):
        return None
    title = _plain(forms.select(how.title, row), MAX_TITLE) if how.title else ""
    lacks = frozenset(
        name
        for bound in (model.properties, model.actions)
        for name, each in bound.items()
        if each.when and not _holds(each.when, row)
    )
    return UnitInstance(unit, title or model.title, model.name, values, lacks)


def _holds(expression: str, row: Json) -> bool:
    """Truth as JMESPath has it: 0 is a value (the hue of red), only null, false and what is empty are not."""
    found = forms.select(expression, row)
    return not (found is None or found is False or found in ("", [], {}))


def _plain(value: Json, limit: int) -> str:
    """A short printable line from whatever a device calls itself."""
    if value is None or isinstance(value, list | dict):
        return ""
    line = "".join(letter if letter.isprintable() else " " for letter in forms.text(value)[: limit * 4])
    return " ".join(line.split())[:limit]
