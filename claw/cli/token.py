"""`claw token`: who may use the API."""

from __future__ import annotations

import argparse
from urllib.parse import quote

from claw.cli.daemon import Daemon, add_data
from claw.cli.words import table


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = sub.add_subparsers(dest="what", metavar="create|pair|list|revoke", required=True)
    create = verbs.add_parser("create", help="make a token and print it once")
    create.add_argument("name", help="whose or what token this is")
    create.add_argument("--role", choices=("owner", "adult", "guest"), default="adult")
    pair = verbs.add_parser("pair", help="make a one-time code for a browser or phone, and print it")
    pair.add_argument("--role", choices=("owner", "adult", "guest"), default="adult")
    listing = verbs.add_parser("list", help="list the tokens' names")
    revoke = verbs.add_parser("revoke", help="make a token worthless")
    revoke.add_argument("name")
    for verb in (create, pair, listing, revoke):
        add_data(verb)


def run(options: argparse.Namespace) -> int:
    """Create, list or revoke."""
    daemon = Daemon.of(options.data)
    if options.what == "create":
        made = daemon.call("POST", "/api/v1/tokens", {"name": options.name, "role": options.role})
        print(made["token"] if isinstance(made, dict) else made)
    elif options.what == "pair":
        made = daemon.call("POST", "/api/v1/pairing-codes", {"role": options.role})
        print(made["code"] if isinstance(made, dict) else made)
    elif options.what == "revoke":
        daemon.call("DELETE", f"/api/v1/tokens/{quote(options.name, safe='')}")
        print(f"{options.name} is revoked.")
    else:
        found = daemon.call("GET", "/api/v1/tokens")
        tokens = found if isinstance(found, list) else []
        rows = [(str(token["name"]), str(token["role"])) for token in tokens]
        print(table([("NAME", "ROLE"), *rows]))
    return 0
