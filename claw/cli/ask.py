"""`claw ask TEXT`: one message to the running daemon, or one-shot without it."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from typing import Any

from claw.cli.daemon import Daemon, add_data
from claw.errors import DaemonDown


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("text", nargs="+", help="what to say, as you would text it")
    sub.add_argument("--as", dest="name", metavar="NAME", help="speak as this member of the household")
    sub.add_argument("--json", action="store_true", help="print the reply, intents and effects as JSON")


def run(options: argparse.Namespace) -> int:
    """Send the message and print the reply."""
    body = {"text": " ".join(options.text), **({"as": options.name} if options.name else {})}
    try:
        daemon = Daemon.of(options.data)
    except DaemonDown:
        from claw.cli import oneshot  # noqa: PLC0415 - the daemon's imports, only when there is no daemon

        reply = oneshot.ask(options.data, body["text"], options.name)
    else:
        reply = daemon.call("POST", "/api/v1/messages", body)
    if not isinstance(reply, dict):
        reply = {"reply": str(reply)}
    print(json.dumps(reply, ensure_ascii=False) if options.json else reply["reply"])
    failed = _failed(reply)
    if failed:
        print(f"claw ask: {failed}", file=sys.stderr)
    return 1 if failed else 0


def _failed(reply: Mapping[str, Any]) -> str:
    """Why an order did not come true, for a script to see; what is still on its way has not failed."""
    failed = [effect for effect in reply.get("effects", ()) if not effect["verified"] and not effect["settling"]]
    return (failed[0]["problem"] or f"{failed[0]['title']} was not seen to follow.") if failed else ""
