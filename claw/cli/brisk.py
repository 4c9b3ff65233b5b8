"""Dataclasses whose methods are not compiled one by one.

Before Python 3.13 the standard library writes the source of six methods for every frozen dataclass and compiles each
alone: 0.5 ms a class, 65 ms of a start with 150 of them. Of these, all but `__init__` can be one closure over the
field names, with the same behaviour; `attrgetter` compares and hashes as fast as compiled source does.
"""

from __future__ import annotations

import dataclasses
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import FrozenInstanceError
from operator import attrgetter
from types import ModuleType
from typing import Any

Method = Callable[..., Any]
Fields = Sequence["dataclasses.Field[Any]"]

NAME = re.compile(r"self\.(\w+)")


def brisk() -> None:
    """From here on, make dataclasses this way, on the Pythons that need it."""
    if sys.version_info < (3, 13):
        _install(dataclasses)


@contextmanager
def briskly() -> Iterator[None]:
    """Make dataclasses this way for as long as this lasts."""
    names = ("_repr_fn", "_frozen_get_del_attr", "_hash_fn", "_cmp_fn")
    usual = {name: getattr(dataclasses, name) for name in names if hasattr(dataclasses, name)}
    brisk()
    try:
        yield
    finally:
        vars(dataclasses).update(usual)


def _install(module: ModuleType) -> None:
    compiled: Method = module._cmp_fn  # noqa: SLF001 - its callers look it up by this name
    recursive: Callable[[Method], Method] = module._recursive_repr  # noqa: SLF001 - as above

    def compare(name: str, op: str, mine: str, other: str, **scope: object) -> Method:
        return _eq(NAME.findall(mine)) if op == "==" else compiled(name, op, mine, other, **scope)

    vars(module).update(
        _repr_fn=lambda fields, _: recursive(_repr([f.name for f in fields])),
        _frozen_get_del_attr=lambda cls, fields, _: _frozen(cls, frozenset(f.name for f in fields)),
        _hash_fn=lambda fields, _: _hash([f.name for f in fields]),
        _cmp_fn=compare,
    )


def _values(names: Sequence[str]) -> Callable[[object], object]:
    """What `names` are, as a tuple (bare when there is one)."""
    return attrgetter(*names) if names else lambda _: ()


def _repr(names: Sequence[str]) -> Method:
    def __repr__(self: object) -> str:  # noqa: N807 - it is one
        inside = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
        return f"{self.__class__.__qualname__}({inside})"

    return __repr__


def _eq(names: Sequence[str]) -> Method:
    values = _values(names)
    if len(names) == 1:  # in a tuple, so that a value that differs from itself (NaN) still equals itself

        def __eq__(self: object, other: object) -> object:  # noqa: N807 - it is one
            same = other.__class__ is self.__class__
            return (values(self),) == (values(other),) if same else NotImplemented
    else:

        def __eq__(self: object, other: object) -> object:  # noqa: N807 - it is one
            return values(self) == values(other) if other.__class__ is self.__class__ else NotImplemented

    return __eq__


def _hash(names: Sequence[str]) -> Method:
    values = _values(names)
    if len(names) == 1:

        def __hash__(self: object) -> int:  # noqa: N807 - it is one
            return hash((values(self),))
    else:

        def __hash__(self: object) -> int:  # noqa: N807 - it is one
            return hash(values(self))

    return __hash__


def _frozen(cls: type[Any], names: frozenset[str]) -> tuple[Method, Method]:
    def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: ANN401, N807 - it is one
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot assign to field {name!r}")
        super(cls, self).__setattr__(name, value)

    def __delattr__(self: Any, name: str) -> None:  # noqa: ANN401, N807 - it is one
        if type(self) is cls or name in names:
            raise FrozenInstanceError(f"cannot delete field {name!r}")
        super(cls, self).__delattr__(name)

    return __setattr__, __delattr__
