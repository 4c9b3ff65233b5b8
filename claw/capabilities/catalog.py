"""The capability catalogue, read once from the Thing Models beside this file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from claw.errors import NotFound
from claw.model.affordance import Action, Capability, Property, Risk


def _property(name: str, doc: Mapping[str, Any]) -> Property:
    return Property(
        name=name,
        title=doc["title"],
        type=doc["type"],
        unit=doc.get("unit", ""),
        minimum=doc.get("minimum"),
        maximum=doc.get("maximum"),
        step=doc.get("multipleOf"),
        enum=tuple(doc.get("enum", ())),
        read_only=doc.get("readOnly", False),
        observable=doc.get("observable", False),
        matter=doc.get("@type", "").removeprefix("matter:"),
        risk=Risk[doc.get("claw:risk", "harmless").upper()],
        safe_values=tuple(doc.get("claw:safeValues", ())),
        safe_range=_range(doc.get("claw:safeRange")),
        safe_direction=doc.get("claw:safeDirection", ""),
        settle=doc.get("claw:settle", 1.0),
        tolerance=doc.get("claw:tolerance", 0.0),
        names=MappingProxyType(doc.get("claw:names", {})),
    )


def _range(bounds: Sequence[float] | None) -> tuple[float, float] | None:
    return None if bounds is None else (float(bounds[0]), float(bounds[1]))


def _action(name: str, doc: Mapping[str, Any]) -> Action:
    inputs = doc.get("input", {}).get("properties", {})
    return Action(
        name=name,
        title=doc["title"],
        risk=Risk[doc.get("claw:risk", "harmless").upper()],
        input={key: schema["type"] for key, schema in inputs.items()},
    )


@cache
def document(name: str) -> Mapping[str, Any]:
    """The Thing Model of a capability as JSON. Raises NotFound."""
    path = files(__package__).joinpath(f"{name}.tm.json")
    if not name.isidentifier() or not path.is_file():
        raise NotFound(f"No capability is called {name!r}. There are: {', '.join(names())}.")
    doc: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
    return doc


@cache
def names() -> tuple[str, ...]:
    """Every capability, alphabetically."""
    suffix = ".tm.json"
    found = (entry.name for entry in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(suffix) for name in found if name.endswith(suffix)))


@cache
def capability(name: str) -> Capability:
    """One capability. Raises NotFound."""
    doc = document(name)
    return Capability(
        name=name,
        title=doc["title"],
        description=doc["description"],
        extends=tuple(link["href"].removesuffix(".tm.json") for link in doc.get("links", ())),
        properties={key: _property(key, value) for key, value in doc.get("properties", {}).items()},
        actions={key: _action(key, value) for key, value in doc.get("actions", {}).items()},
        optional=frozenset(pointer.rsplit("/", 1)[1] for pointer in doc.get("tm:optional", ())),
        names=MappingProxyType(doc.get("claw:names", {})),
    )
