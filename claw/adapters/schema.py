"""JSON Schemas that documents are held against: the W3C's for Thing Models and Thing Descriptions, and ours.

jsonschema is loaded on first use: the daemon runs without it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from claw.errors import DocumentInvalid
from claw.model.json import Json, JsonObject

if TYPE_CHECKING:
    from jsonschema import Draft7Validator

MAX_PROBLEM = 300  # characters of one message


@cache
def _validator(name: str) -> Draft7Validator:
    from jsonschema import Draft7Validator as Validator  # noqa: PLC0415 - 60 ms that most starts never need

    return Validator(document_of(name))


def document_of(name: str) -> dict[str, Any]:
    """A shipped schema: `adapter` (ours), `tm` or `td` (the W3C's)."""
    text = files(__package__).joinpath("schema", f"{name}.schema.json").read_text("utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def validate_model(document: JsonObject) -> None:
    """Hold an adapter document against the W3C TM schema and ours. Raises DocumentInvalid for the first problem."""
    _hold("adapter", document)
    for model in thing_models(document):
        _hold("tm", model)


def validate_description(document: JsonObject) -> None:
    """Hold a Thing Description against the W3C TD schema. Raises DocumentInvalid for the first problem."""
    _hold("td", document)


def thing_models(document: JsonObject) -> Iterator[JsonObject]:
    """The document as plain Thing Models: itself, and each of its units as a model of its own."""
    yield document
    units = document.get("claw:units")
    shared = {key: value for key, value in document.items() if key != "claw:units"}
    for unit in units.values() if isinstance(units, Mapping) else ():
        if isinstance(unit, Mapping):
            yield {**shared, **unit}


def _hold(name: str, document: JsonObject) -> None:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - see above

    error = best_match(_validator(name).iter_errors(_plain(document)))
    if error is not None:
        pointer = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in error.absolute_path)
        raise DocumentInvalid(f"{pointer or '/'}: {error.message[:MAX_PROBLEM]} (schema {name})")


def _plain(value: Json) -> Json:
    """Dicts and lists only: jsonschema looks at the exact types."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value
