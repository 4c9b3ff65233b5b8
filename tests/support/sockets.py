"""No test may talk to anything but this machine: an audit hook sees every connect, send and look-up."""

from __future__ import annotations

import ipaddress
import sys
from typing import Any

MULTICAST = {"224.0.0.251", "239.255.255.250", "ff02::fb", "ff02::c", "ff05::c"}
LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
NAMES = {"localhost", "", "0.0.0.0", "::"}


class Blocked(RuntimeError):
    """A test tried to leave the machine."""


def allowed(host: Any) -> bool:
    """Whether a test may send to `host`."""
    if isinstance(host, bytes | bytearray):
        host = host.decode("utf-8", "replace")
    if not isinstance(host, str):
        return host is None
    if host in NAMES or host in MULTICAST:
        return True
    try:
        return ipaddress.ip_address(host.split("%", 1)[0]).is_loopback
    except ValueError:
        return False  # a name means a look-up, and a look-up leaves the machine


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        address = args[1]
        if isinstance(address, tuple) and not allowed(address[0]):
            raise Blocked(f"{event} to {address[0]} is not loopback")
    elif event in LOOKUPS and not allowed(args[0]):
        raise Blocked(f"look-up of {args[0]}: tests use IP literals and localhost")


_guarded = False


def guard() -> None:
    """Switch the hook on, once a process (it cannot be taken off again)."""
    global _guarded  # noqa: PLW0603 - audit hooks are process-wide by nature
    if not _guarded:
        sys.addaudithook(_hook)
        _guarded = True
