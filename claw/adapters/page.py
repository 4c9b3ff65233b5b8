"""Writes docs/reference/devices.md from the library and its captures: `python -m claw.adapters.page`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from claw.adapters import verify
from claw.adapters.adapter import Adapter, MatchRule
from claw.adapters.library import library
from claw.model.level import Level

PAGE = Path("docs/reference/devices.md")
CAPTURES = Path("tests/adapters/fixtures")
_HEAD = """# Devices

<!-- Written by `python -m claw.adapters.page` from the library and its captures; a test fails when it is stale. -->

Products that Claw knows out of the box. Each is one JSON document in `claw/adapters/library/`; see
[the adapter document](adapter-format.md). What describes itself (HomeKit, UPnP, MQTT discovery) needs no document.

*Proven* is the rung of the ladder reached without a device: 0 schema, 1 capability conformance, 2 codec law,
3 replay on capture. Rungs 4 and 5 are climbed on your own device when it is adopted.

| product | things | found by | unlocked by | proven |
|---|---|---|---|---|
"""
_KEYS = {"basic": "a password", "digest": "a password", "bearer": "a token"}


def page(captures: Path) -> str:
    """The whole page."""
    return _HEAD + "".join(_row(adapter, captures) for adapter in library().values())


def captures_of(adapter: Adapter, captures: Path) -> Iterator[Mapping[str, Any]]:
    """The captures of a library document: `name.json` and `name@variant.json`."""
    name = adapter.id.replace("-", "_")
    for path in sorted(captures.glob("*.json")):
        if path.stem.partition("@")[0] == name:
            capture: Mapping[str, Any] = json.loads(path.read_text("utf-8"))
            yield capture


def proven(adapter: Adapter, captures: Path) -> Level:
    """The rung that the document reaches on every one of its captures."""
    found: list[Mapping[str, Any] | None] = [*captures_of(adapter, captures)]
    return min(verify.level(verify.static(adapter, capture)) for capture in found or [None])


def _row(adapter: Adapter, captures: Path) -> str:
    things: dict[str, list[str]] = {}
    for unit in adapter.units.values():
        names = things.setdefault(", ".join(unit.capabilities), [])
        names += [name for name in (*unit.properties, *unit.actions) if name not in names]
    said = "<br>".join(f"**{kind}**: {', '.join(names)}" for kind, names in things.items())
    found = "<br>".join(dict.fromkeys(_rule(rule) for rule in adapter.match)) or "an address"
    level = proven(adapter, captures)
    return f"| {adapter.title} | {said} | {found} | {_key(adapter)} | {level.value} {level.name.lower()} |\n"


def _rule(rule: MatchRule) -> str:
    if not (rule.kind or rule.name or rule.fields):
        return "an address that a person gives"
    fields = [f"`{key}={glob}`" for key, glob in rule.fields.items()]
    said = [f"{rule.via or 'any'} `{rule.kind or '*'}`", *([f"name `{rule.name}`"] if rule.name else []), *fields]
    return ", ".join(said)


def _key(adapter: Adapter) -> str:
    if adapter.credential is None:
        return "nothing"
    key = "a button press" if adapter.credential.obtain else _KEYS.get(adapter.credential.where, "a key")
    return f"{key}, if it has one" if adapter.credential.optional else key


if __name__ == "__main__":
    PAGE.write_text(page(CAPTURES), "utf-8")
    sys.stderr.write(f"{PAGE} written\n")
