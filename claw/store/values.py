"""Frozen values to JSON and back, driven by their own annotations.

A field that the stored document lacks takes its default and one that the class lost is skipped, so that adding a
field to a value needs no migration.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from claw.errors import StoreCorrupt
from claw.model.json import Json

T = TypeVar("T")
_Reader = Callable[[Any], Any]


def dump(value: object) -> Json:
    """A value as JSON; a set becomes a sorted list."""
    if is_dataclass(value):
        return {field.name: dump(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Enum):
        return value.value  # type: ignore[no-any-return]
    if isinstance(value, Mapping):
        return {key: dump(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [dump(item) for item in value]
    if isinstance(value, frozenset | set):
        return sorted((dump(item) for item in value), key=json.dumps)
    return value  # type: ignore[return-value]  # a JSON scalar


def load(kind: type[T], data: Json) -> T:
    """The value of class `kind` that `dump` wrote. Raises KeyError, TypeError or ValueError when it is not one."""
    value: T = _reader(cast("Hashable", kind))(data)
    return value


def restore(kind: type[T], data: Json, place: str) -> T:
    """The stored value of class `kind`. Raises StoreCorrupt naming the place where it was."""
    try:
        return load(kind, data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreCorrupt(f"The stored {place} cannot be read ({error}). Restore a backup, or remove it.") from error


@cache
def _reader(kind: Hashable) -> _Reader:
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if origin in (tuple, frozenset):
        return _sequence(origin, _reader(args[0]))
    if origin is Mapping:
        return _mapping(_reader(args[1]))
    if origin in (Union, UnionType):
        some = [arg for arg in args if arg is not type(None)]
        return _optional(_reader(some[0])) if len(some) == 1 else _same  # several: that is Json itself
    return _same


def _same(data: object) -> object:
    return data


def _sequence(build: Callable[[Any], Any], item: _Reader) -> _Reader:
    return lambda data: build(map(item, data))


def _mapping(item: _Reader) -> _Reader:
    return lambda data: {key: item(value) for key, value in data.items()}


def _optional(item: _Reader) -> _Reader:
    return lambda data: None if data is None else item(data)


def _dataclass(kind: type) -> _Reader:
    hints = get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in fields(kind)}

    def read(data: Mapping[str, Json]) -> object:
        return kind(**{name: reader(data[name]) for name, reader in readers.items() if name in data})

    return read
