"""`claw ask TEXT`: one message to the running daemon, or one-shot without it."""

from __future__ import annotations

import argparse
import json

from claw.cli.daemon import Daemon, DaemonDown, add_data


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
    return 0
