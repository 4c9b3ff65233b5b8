"""The command line: one verb per file. Exit codes: 0 done, 1 failed (one line on stderr), 2 wrong usage."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module

from claw import __version__
from claw.errors import ClawError, UsageError

# A verb's file is loaded only when it is called: `claw ask` must not pay for the daemon's imports.
VERBS = {
    "up": "run the daemon",
    "demo": "run the daemon in a simulated house",
    "ask": "send one message and print the reply",
    "understand": "say what messages mean: JSON lines in, JSON lines out",
    "things": "list what is in the house",
    "thing": "rename a thing, put it into an area, or let it go",
    "discover": "look for devices on the LAN",
    "adopt": "learn to drive a device, and prove it",
    "adapter": "show, check, verify, export or import an adapter",
    "token": "create, list or revoke access tokens",
    "doctor": "say what works on this machine and what is missing",
}


def parser(verb: str | None = None) -> argparse.ArgumentParser:
    """The whole parser, with the arguments of `verb` (all of them when None) filled in."""
    root = argparse.ArgumentParser(prog="claw", description="One program that runs the house.", allow_abbrev=False)
    root.add_argument("--version", action="version", version=f"claw {__version__}")
    verbs = root.add_subparsers(dest="verb", metavar="VERB", required=True)
    for name, what in VERBS.items():
        sub = verbs.add_parser(name, help=what, description=what[0].upper() + what[1:] + ".", allow_abbrev=False)
        if verb in (None, name):
            import_module(f"claw.cli.{name}").arguments(sub)
    return root


def main(argv: list[str] | None = None) -> int:
    """Run one verb."""
    given = sys.argv[1:] if argv is None else argv
    verb = next((word for word in given if word in VERBS), "up")
    options = parser(verb).parse_args(given)
    try:
        return int(import_module(f"claw.cli.{options.verb}").run(options))
    except UsageError as error:
        print(f"claw {options.verb}: {error}", file=sys.stderr)
        return 2
    except ClawError as error:
        print(f"claw {options.verb}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # the reader (head, less) went away: not our error, and the exit must not print a second one
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
