"""`claw up`: run the daemon until it is told to stop."""

from __future__ import annotations

import argparse

from claw import settings
from claw.cli.daemon import add_data
from claw.cli.warm import warm


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--host", metavar="H", help="address to listen on (default: 127.0.0.1)")
    sub.add_argument("--port", type=int, metavar="N", help="port to listen on, 0 for any (default: 8400)")
    sub.add_argument("--interface", action="append", default=[], metavar="IP", help="discover on this interface only")
    sub.add_argument("--no-discovery", action="store_true", help="do not look at the LAN")


def run(options: argparse.Namespace) -> int:
    """Serve; the daemon's imports happen here."""
    loaded = settings.load(
        data=options.data,
        host=options.host,
        port=options.port,
        interfaces=tuple(options.interface),
        discovery=not options.no_discovery,
    )
    warm()
    from claw.cli.serving import serve  # noqa: PLC0415 - loaded only when the daemon really runs

    return serve(loaded)
