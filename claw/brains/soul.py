"""The voice: sentences as data, from `soul/` beside the package or inside it once installed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from claw.errors import SettingsError

_HERE = Path(__file__).parent
_PLACES = (_HERE / "voice", _HERE.parent.parent / "soul")  # in a wheel, in a checkout


class Phrases:
    """Templates by name. What stands in braces comes from what was observed."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        self._data = data
        self.states: Mapping[str, str | Mapping[str, str]] = data["states"]
        self.levels: Mapping[str, str] = data["levels"]
        self.plural_titles = frozenset(data["plural_titles"])
        self.nouns: Mapping[str, tuple[str, str]] = data["nouns"]

    def say(self, name: str, /, **fields: object) -> str:
        """One sentence."""
        template: str = self._data[name]
        return template.format_map(fields)

    @property
    def templates(self) -> Mapping[str, str]:
        """Every sentence, for those who check them."""
        return {name: text for name, text in self._data.items() if isinstance(text, str)}


def folder() -> Path:
    """Where the soul lies. Raises SettingsError."""
    for place in _PLACES:
        if (place / "PHRASES.json").is_file():
            return place
    raise SettingsError(f"soul/PHRASES.json is missing; it belongs in {_PLACES[0]}. Install Claw again.")


@cache
def phrases() -> Phrases:
    """The house's sentences."""
    return Phrases(json.loads((folder() / "PHRASES.json").read_text("utf-8")))
