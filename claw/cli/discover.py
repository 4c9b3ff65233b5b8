"""`claw discover`: look at the LAN now, and say what is there."""

from __future__ import annotations

import argparse
import json

from claw.cli.daemon import Daemon, add_data
from claw.cli.words import table
from claw.errors import DaemonDown, UsageError
from claw.model.json import Json


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--seconds", type=float, default=3.0, metavar="N", help="how long to listen (default: 3)")
    sub.add_argument("--sweep", action="store_true", help="also knock politely on hosts of the own subnets")
    sub.add_argument("--interface", action="append", default=[], metavar="IP", help="look on this interface only")
    sub.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Search and print the devices."""
    if not 0 < options.seconds <= 60:  # noqa: PLR2004 - a minute is what one request may take
        raise UsageError("--seconds must be more than 0 and at most 60.")
    devices: Json
    try:
        daemon = Daemon.of(options.data)
    except DaemonDown:
        from claw.cli import oneshot  # noqa: PLC0415 - the daemon's imports, only when there is no daemon

        devices = oneshot.discover(options.seconds, tuple(options.interface), sweep=options.sweep)
    else:
        devices = daemon.call("POST", "/api/v1/discover", {"seconds": options.seconds, "sweep": options.sweep})
    if options.json:
        print(json.dumps(devices, ensure_ascii=False))
        return 0
    if not isinstance(devices, list) or not devices:
        print("Nothing announced itself. Is this machine on the same network as your devices?")
        return 0
    rows = [("DEVICE", "ID", "ADDRESS", "FOUND BY", "THINGS")]
    for device in devices:
        found = ", ".join(device["found_by"])
        hosts = device["hosts"][0] if device["hosts"] else "-"
        rows.append((device["title"][:40], device["id"], hosts, found[:48], ", ".join(device["things"]) or "-"))
    print(table(rows))
    return 0
