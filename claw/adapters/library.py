"""The adapters that Claw ships with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files

from claw.adapters.adapter import Adapter
from claw.adapters.document import parse
from claw.errors import DocumentInvalid
from claw.model.json import JsonObject

SUFFIX = ".tm.json"
PREFIX = "urn:claw:adapter:"


class Library(Mapping[str, Adapter]):
    """Adapters by id, each parsed once, when it is first wanted: a start needs only those of the house's things."""

    def __init__(self, documents: Mapping[str, tuple[str, JsonObject]]) -> None:
        self._documents = documents
        self._parsed: dict[str, Adapter] = {}

    def __getitem__(self, id_: str) -> Adapter:
        """The adapter. Raises DocumentInvalid naming its file."""
        if id_ not in self._parsed:
            name, document = self._documents[id_]
            try:
                self._parsed[id_] = parse(document)
            except DocumentInvalid as error:
                raise DocumentInvalid(f"library/{name}: {error}") from error
        return self._parsed[id_]

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)


@cache
def library() -> Library:
    """Every document in `library/`. Raises DocumentInvalid naming a file that is not one."""
    found = {}
    for entry in sorted(files(__package__).joinpath("library").iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(SUFFIX):
            continue
        try:
            document = json.loads(entry.read_text("utf-8"))
            found[str(document["id"]).removeprefix(PREFIX)] = (entry.name, document)
        except (ValueError, LookupError, TypeError) as error:
            raise DocumentInvalid(f"library/{entry.name}: {error}") from error
    return Library(found)
