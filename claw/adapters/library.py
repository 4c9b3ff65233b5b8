"""The adapters that Claw ships with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from claw.adapters.adapter import Adapter
from claw.adapters.document import parse
from claw.errors import DocumentInvalid

SUFFIX = ".tm.json"


@cache
def library() -> Mapping[str, Adapter]:
    """Every document in `library/` by adapter id, parsed once. Raises DocumentInvalid naming the file."""
    found = {}
    for entry in sorted(files(__package__).joinpath("library").iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(SUFFIX):
            continue
        try:
            adapter = parse(json.loads(entry.read_text("utf-8")))
        except (DocumentInvalid, ValueError) as error:
            raise DocumentInvalid(f"library/{entry.name}: {error}") from error
        found[adapter.id] = adapter
    return MappingProxyType(found)
