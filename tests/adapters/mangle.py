"""Hypothesis strategies that break JSON the way devices do: any value, anywhere, replaced by any other."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**65), 2**65)
    | st.floats(allow_nan=True, allow_infinity=True)
    | st.text(max_size=20)
    | st.sampled_from(["", "{value}", "{x}", "..", "//evil.example/", "http://evil.example/", "a\x00b", "x" * 3000])
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def _paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [at] if at else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        found += _paths(child, (*at, key))
    return found


@st.composite
def mangled(draw: st.DrawFn, original: Any) -> Any:
    """`original` with one to five of its values replaced or removed."""
    broken = copy.deepcopy(original)
    for _ in range(draw(st.integers(1, 5))):
        paths = _paths(broken)
        if not paths:
            break
        *way, last = draw(st.sampled_from(paths))
        parent = broken
        for key in way:
            parent = parent[key]
        if draw(st.booleans()):
            parent[last] = draw(anything)
        else:
            del parent[last]
    return broken
