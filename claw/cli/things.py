"""`claw things`: what is in the house."""

from __future__ import annotations

import argparse
import json

from claw.cli.daemon import Daemon, add_data
from claw.cli.words import table, value_words


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """List the things."""
    things = Daemon.of(options.data).call("GET", "/api/v1/things")
    if options.json:
        print(json.dumps(things, ensure_ascii=False))
        return 0
    if not isinstance(things, list) or not things:
        print("No things yet. Find some with 'claw discover', then 'claw adopt NAME'.")
        return 0
    rows = [("THING", "ID", "AREA", "LEVEL", "STATE")]
    for thing in things:
        state = ", ".join(
            f"{name} {value_words(prop['value'], prop['unit'])}"
            for name, prop in thing["properties"].items()
            if prop["value"] is not None and name not in {"snapshot", "stream"}
        )
        rows.append((thing["title"], thing["id"], thing["area"] or "-", str(thing["level"]), _state(thing, state)))
    print(table(rows))
    return 0


def _state(thing: dict[str, object], state: str) -> str:
    if not thing["online"]:
        return f"offline (last: {state})" if state else "offline"
    return state or "-"
