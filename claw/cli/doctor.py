"""`claw doctor`: what works on this machine, and what to do about what does not."""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from claw.cli.daemon import Daemon, add_data
from claw.errors import ClawError, DaemonDown
from claw.settings import DEFAULT_PORT, data_dir

MDNS = ("224.0.0.251", 5353)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check. `fine` is None for what is merely good to know."""

    what: str
    fine: bool | None
    says: str


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--json", action="store_true", help="print JSON")


def run(options: argparse.Namespace) -> int:
    """Check everything; exit 1 when something is broken."""
    findings = list(_findings(options.data))
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            mark = {True: "ok  ", False: "FAIL", None: "note"}[finding.fine]
            print(f"{mark} {finding.what}: {finding.says}")
    return 1 if any(finding.fine is False for finding in findings) else 0


def _findings(data: str | None) -> Iterator[Finding]:
    yield Finding("Python", sys.version_info >= (3, 11), platform.python_version())
    folder = data_dir(data)
    parent = next(path for path in (folder, *folder.parents) if path.exists())
    writable = os.access(parent, os.W_OK)
    yield Finding("data", writable, f"{folder}" if writable else f"{parent} is not yours to write; give --data DIR")
    yield _multicast()
    for module, what in (("pyhap", "the simulated thermostat"), ("asyncpg", "PostgreSQL"), ("cv2", "cameras")):
        there = importlib.util.find_spec(module) is not None
        yield Finding(what, None, "installed" if there else f"not installed ({module}); needed only if you want it")
    yield from _daemon(data)


def _multicast() -> Finding:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(MDNS)
        except OSError as error:
            return Finding("multicast", fine=False, says=f"no route ({error.strerror}); devices cannot be heard")
        return Finding("multicast", fine=True, says=f"leaves by {probe.getsockname()[0]}")


def _daemon(data: str | None) -> Iterator[Finding]:
    try:
        daemon = Daemon.of(data)
        answer = daemon.call("GET", "/readyz")
    except DaemonDown as error:
        with socket.socket() as probe:
            free = probe.connect_ex(("127.0.0.1", DEFAULT_PORT)) != 0
        yield Finding("daemon", None, str(error))
        yield Finding("port", free, f"{DEFAULT_PORT} is free" if free else f"{DEFAULT_PORT} is taken; use --port")
    except ClawError as error:
        yield Finding("daemon", fine=False, says=str(error))
    else:
        services = answer["services"] if isinstance(answer, dict) else {}
        ill = [f"{name} is {health['phase']}: {health['reason']}" for name, health in services.items()
               if health["phase"] not in {"ready", "ended"}]  # fmt: skip
        yield Finding("daemon", not ill, "; ".join(ill) or f"serves at {daemon.url}")
