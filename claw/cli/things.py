"""`claw things`: what is in the house."""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Mapping, Sequence
from typing import Any

from claw.cli.daemon import Daemon, add_data
from claw.cli.words import value_words

LONGEST, SHORTEST = 28, 24  # columns of a title, and of a state on a narrow screen
QUIET = {"snapshot", "stream", "voltage", "current", "energy"}  # `--json` has everything


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """List the things."""
    daemon = Daemon.of(options.data)
    things = daemon.call("GET", "/api/v1/things")
    if options.json:
        print(json.dumps(things, ensure_ascii=False))
        return 0
    if not isinstance(things, list) or not things:
        print("No things yet. Find some with 'claw discover', then 'claw adopt NAME'.")
        return 0
    found = daemon.call("GET", "/api/v1/areas")
    areas = {area["id"]: area["name"] for area in found} if isinstance(found, list) else {}
    print(_page(things, areas, shutil.get_terminal_size((100, 24)).columns))
    return 0


def _page(things: Sequence[Mapping[str, Any]], areas: Mapping[str, str], width: int) -> str:
    """The things by area, each with its state in as much room as is left."""
    title = min(LONGEST, max(len(thing["title"]) for thing in things))
    id_ = max(len(thing["id"]) for thing in things)
    lines = [f"  {'THING':{title}}  {'ID':{id_}}  LEVEL  STATE"]
    for area in sorted({thing["area"] for thing in things}, key=lambda name: (not name, name)):
        lines += ["", areas.get(area, area) or "In no room yet"]
        for thing in things:
            if thing["area"] == area:
                start = f"  {_cut(thing['title'], title):{title}}  {thing['id']:{id_}}  {thing['level']:5}  "
                lines.append(start + _cut(_state(thing), max(SHORTEST, width - len(start))))
    return "\n".join(lines)


def _state(thing: Mapping[str, Any]) -> str:
    told = {name: prop for name, prop in thing["properties"].items() if prop["value"] not in (None, "")}
    words = ", ".join(_words(name, prop) for name, prop in told.items() if name not in QUIET and _news(name, prop))
    off = "on_off" in told and told["on_off"]["value"] is False
    state = "off" if off else words or "-"
    return state if thing["online"] else f"OFFLINE, last known: {state}"


def _news(name: str, prop: Mapping[str, Any]) -> bool:
    return not (name == "mute" and prop["value"] is False)


def _words(name: str, prop: Mapping[str, Any]) -> str:
    said = value_words(prop["value"], prop["unit"])
    if name == "mute":
        return "muted"
    plain = name == "on_off" or isinstance(prop["value"], str)
    return said if plain else f"{name.replace('_', ' ')} {said}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
