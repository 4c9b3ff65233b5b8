"""`claw thing THING`: rename it, put it into an area, give it other names, or let it go."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from claw.cli.daemon import Daemon, add_data
from claw.errors import UsageError


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("thing", help="an id from 'claw things'")
    sub.add_argument("--title", help="what people call it")
    sub.add_argument("--area", help="the area it is in; made if it is new, empty for none")
    sub.add_argument("--alias", action="append", help="another name (may be repeated; replaces those it had)")
    sub.add_argument("--forget", action="store_true", help="let it go; adopting its device brings it back")


def run(options: argparse.Namespace) -> int:
    """Change what was asked for."""
    daemon = Daemon.of(options.data)
    path = f"/api/v1/things/{quote(options.thing, safe='')}"
    if options.forget:
        daemon.call("DELETE", path)
        print(f"{options.thing} is forgotten.")
        return 0
    given = {"title": options.title, "area": options.area, "aliases": options.alias}
    patch = {key: value for key, value in given.items() if value is not None}
    if not patch:
        raise UsageError("say what to change: --title, --area, --alias or --forget.")
    if options.area:
        patch["area"] = _area(daemon, options.area)
    changed = daemon.call("PATCH", path, patch)
    if isinstance(changed, dict):
        also = f", also called {', '.join(changed['aliases'])}" if changed["aliases"] else ""
        print(f"{changed['title']} ({changed['id']}), area {changed['area'] or 'none'}{also}")
    return 0


def _area(daemon: Daemon, name: str) -> str:
    """The id of the area called `name`, which is made if it is new."""
    areas = daemon.call("GET", "/api/v1/areas")
    for area in areas if isinstance(areas, list) else []:
        if name.casefold() in {area["id"].casefold(), area["name"].casefold()}:
            return str(area["id"])
    made = daemon.call("PUT", "/api/v1/areas", {"name": name})
    return str(made["id"]) if isinstance(made, dict) else name
