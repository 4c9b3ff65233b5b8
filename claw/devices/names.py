"""Names: what devices call themselves is untrusted text, and people and URLs need better."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

MAX_NAME = 64  # characters people can still read in one line
MAX_SLUG = 40


def clean(raw: object, fallback: str = "", limit: int = MAX_NAME) -> str:
    """One bounded line of printable text; `fallback` when nothing is left.

    Control, format (bidirectional overrides, zero-width) and unassigned characters go; white space folds.
    """
    if not isinstance(raw, str):
        return fallback
    spaced = "".join(" " if char.isspace() else char for char in raw[: limit * 8])
    printable = "".join(char for char in spaced if unicodedata.category(char)[0] != "C")
    return " ".join(printable.split())[:limit].rstrip() or fallback


_NUMBERS = re.compile(
    r"\(?(?<!\w)(?:uuid:\S+|RINCON_[0-9A-F]+(?:_M[SR])?|(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]+)?"
    r"|(?=[A-F:-]{0,16}[0-9])(?:[0-9A-F]{2}[:-]?){5}[0-9A-F]{2})(?!\w)\)?@?",
    re.IGNORECASE,
)


def announced(raw: str) -> str:
    """The name in what a device calls itself, without the addresses and numbers that some put around it.

    `RINCON_000E58A1B2C301400@Kitchen` gives `Kitchen`; the name as it is when nothing else is in it.
    """
    parts = (part.strip(" ,;|-_@") for part in _NUMBERS.sub("", raw).split(" - "))
    return " - ".join(part for part in parts if part) or raw


def slug(name: str, fallback: str = "thing") -> str:
    """A lower-case ASCII identifier out of a name: `Küche (links)` gives `kuche-links`."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.sub(r"[^a-z0-9]+", "-", ascii_only.lower()).strip("-")
    return words[:MAX_SLUG].rstrip("-") or fallback


def unique(wanted: str, taken: Container[str]) -> str:
    """`wanted`, or `wanted-2`, `wanted-3` ... the first that is free."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def spoken(name: str) -> str:
    """How a name is compared: without case, with blanks for dashes and underscores."""
    return " ".join(re.sub(r"[-_\s]+", " ", name).casefold().split())
