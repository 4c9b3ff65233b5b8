"""`claw understand`: what messages mean, offline, with no daemon."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from claw.errors import UsageError
from claw.understanding.jsonl import answers, load_house


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    sub.add_argument("--house", required=True, metavar="FILE", help="the house that the messages speak of, as JSON")


def run(options: argparse.Namespace) -> int:
    """Answer each line of stdin with one line; a bad line is answered with its error."""
    try:
        house = load_house(json.loads(Path(options.house).read_text("utf-8")))
    except OSError as error:
        raise UsageError(f"{options.house} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{options.house} is not JSON: {error}.") from error
    for out in answers(sys.stdin, house):
        # escaped, so that half a surrogate pair in a line (which no encoding can carry) costs no later line
        print(json.dumps(out), flush=True)
    return 0
