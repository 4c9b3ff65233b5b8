"""Names that people give to people and tokens."""

from __future__ import annotations

from claw.errors import InvalidValue

MAX_NAME = 64  # characters


def clean(name: str) -> str:
    """A name without stray white space. Raises InvalidValue when nobody could read or type it."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME or not name.isprintable():
        raise InvalidValue(f"A name has 1 to {MAX_NAME} printable characters.")
    return name
