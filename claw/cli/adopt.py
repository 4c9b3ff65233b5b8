"""`claw adopt`: learn to drive a device, and prove it."""

from __future__ import annotations

import argparse
import json
import sys

from claw.cli.daemon import Daemon, add_data
from claw.errors import ClawError
from claw.model.level import Level

LEVELS = {
    Level.NONE: "not proved",
    Level.SCHEMA: "a valid document",
    Level.CONFORMANCE: "conforms",
    Level.CODEC_LAW: "codec proved",
    Level.REPLAY: "replayed",
    Level.LIVE_READ: "read live",
    Level.WRITE_READ_BACK: "written and read back",
    Level.WITNESSED: "witnessed",
}


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("target", metavar="THING|URL", help="an id or name from 'claw discover', or an address")
    sub.add_argument("--yes", action="store_true", help="consent to experiments on harmless properties")
    sub.add_argument("--code", default="", metavar="CODE", help="the set-up code on the device (HomeKit)")
    sub.add_argument("--secret", default="", metavar="WORD", help="a key or user:password that the device wants")
    sub.add_argument("--json", action="store_true", help="print things, receipts and what is still asked as JSON")


def run(options: argparse.Namespace) -> int:
    """Adopt, showing progress on stderr."""
    body = {"target": options.target, "yes": options.yes, "code": options.code, "secret": options.secret}
    result: dict[str, list[dict[str, object]]] | None = None
    for line in Daemon.of(options.data).lines("POST", "/api/v1/adopt", body):
        if not isinstance(line, dict):
            continue
        if "progress" in line and not options.json:
            print(f"  {line['progress']}", file=sys.stderr)
        elif "detail" in line:
            raise ClawError(str(line["detail"]))
        elif "things" in line:
            result = dict(line)
    if result is None:
        raise ClawError("The daemon broke off before it was done; its log says why.")
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return 0 if result["things"] else 1
    for thing in result["things"]:
        level = Level(int(str(thing["level"])))
        print(f"{thing['title']} ({thing['id']}): level {int(level)}, {LEVELS[level]}")
    for question in result["asked"]:
        print(question)
    return 0 if result["things"] else 1
