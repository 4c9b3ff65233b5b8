"""As in "Can you find my Sonos?" and "find new devices"."""

from __future__ import annotations

from collections.abc import Sequence

from claw.model.intent import Command, Intent, Outcome
from claw.understanding.scan import Span


def finding(said: Sequence[Span]) -> Intent | None:
    """A search of the network; the command's text is the name to look for, empty for anything."""
    if not said or said[0].kinds.get("find") != "find":
        return None
    rest = [s for s in said[1:] if not s.kinds.keys() & {"prep", "filler", "find_any", "and"} or s.names]
    if any("block" in s.kinds for s in rest):
        return None
    name = " ".join(s.text for s in rest)
    return Intent(Outcome.QUERY, (Command("find_devices", "device", scope="all", query="find_devices", text=name),))
