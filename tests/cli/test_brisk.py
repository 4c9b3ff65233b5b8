"""Brisk dataclasses behave as the standard library's do."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import FrozenInstanceError, dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.cli.brisk import briskly


def make(options: dict[str, bool]) -> tuple[type[Any], ...]:
    """Classes with no, one, and several fields (one not compared, one not shown), and one that inherits."""

    @dataclass(**options)
    class Empty:
        """Nothing."""

    @dataclass(**options)
    class One:
        """One field."""

        a: object

    @dataclass(**options)
    class Many:
        """Several."""

        a: object
        b: object = 2
        c: object = field(default=3, compare=False)
        d: object = field(default=4, repr=False)

    @dataclass(**options)
    class Heir(One):
        """Inherits."""

        e: object = 5

    return Empty, One, Many, Heir


def both(options: dict[str, bool]) -> list[tuple[type[Any], type[Any]]]:
    with briskly():
        ours = make(options)
    return list(zip(make(options), ours, strict=True))


OPTIONS = [
    {"frozen": True, "slots": True},
    {"frozen": True},
    {"slots": True},
    {"eq": False},
    {"order": True, "frozen": True},
]
values = st.one_of(st.integers(-2, 2), st.text(max_size=1), st.floats(allow_nan=False), st.none())


@pytest.mark.parametrize("options", OPTIONS)
@given(a=values, b=values, c=values)
def test_equal_hash_and_words_are_the_same(options: dict[str, bool], a: object, b: object, c: object) -> None:
    for usual, brisk in both(options):
        names = [f.name for f in dataclasses.fields(usual)]
        few = dict(zip(names, (a, b, c), strict=False))
        more = dict(zip(names, (b, a, c), strict=False))
        assert (usual(**few) == usual(**more)) == (brisk(**few) == brisk(**more))
        assert repr(usual(**few)) == repr(brisk(**few))
        assert (usual(**few) == object()) == (brisk(**few) == object())
        if options.get("frozen"):
            assert hash(usual(**few)) == hash(brisk(**few))
        else:
            assert (usual.__hash__ is None) == (brisk.__hash__ is None)


def test_a_value_that_is_not_equal_to_itself_is_still_the_same_value() -> None:
    nan = float("nan")
    for usual, brisk in both({"frozen": True, "slots": True})[1:]:
        assert (usual(nan) == usual(nan)) is (brisk(nan) == brisk(nan)) is True


def test_frozen_is_frozen() -> None:
    for _, brisk in both({"frozen": True, "slots": True})[1:]:
        one = brisk(1)
        for act in (lambda one: setattr(one, "a", 2), lambda one: delattr(one, "a")):
            with pytest.raises(FrozenInstanceError, match="'a'"):
                act(one)
        assert dataclasses.replace(one, a=3).a == 3
        assert copy.copy(one) == one


def test_a_subclass_may_have_attributes_of_its_own() -> None:
    (_, usual), (_, brisk) = both({"frozen": True})[1], both({"frozen": True})[1]
    for base in (usual, brisk):

        class Free(base):  # type: ignore[misc,valid-type]
            """Not a dataclass."""

        free = Free(1)
        free.x = 2
        del free.x
        with pytest.raises(FrozenInstanceError):
            free.a = 2


def test_a_value_that_holds_itself_can_be_shown() -> None:
    with briskly():
        made = dataclass(type("Ring", (), {"__annotations__": {"inner": object}, "inner": None, "__doc__": "."}))
    one = made()
    one.inner = one
    assert repr(one) == "Ring(inner=...)"
