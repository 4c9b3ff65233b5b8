from __future__ import annotations

import inspect

from claw import errors


def every() -> list[type[Exception]]:
    return [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, Exception)]


def test_one_tree_with_distinct_codes_and_a_drawing_that_is_complete() -> None:
    classes = every()
    assert all(issubclass(c, errors.ClawError) for c in classes)
    assert len({c.code for c in classes}) == len(classes)  # type: ignore[attr-defined]
    for c in classes:
        assert c.__name__ in (errors.__doc__ or ""), c.__name__
        assert (c.__doc__ or "").strip(), c.__name__
        assert 400 <= c.status < 600  # type: ignore[attr-defined]
