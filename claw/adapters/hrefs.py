"""Where a form may point: at the device it came from, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import unquote

MAX_HREF = 1000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


_RISKY = re.compile(
    r"(?i)(?<![a-z])(re(boot|start|set)|factory|ota|upgrade|update|erase|format|wipe|provision|delete|uninstall)(?![a-z])"
)


def risky(href: str) -> str:
    """The word that says a mere look at `href` might reset, update or delete something; empty when there is none."""
    found = _RISKY.search(unquote(href))
    return found[0] if found else ""


def problem(href: str, binding: str) -> str:
    """Why `href` is refused, as the end of a sentence; empty when it is fine."""
    plain = unquote(href)
    outside = "names another machine; only paths on the device itself are allowed"
    checks = (
        (_CONTROL.search(plain) is not None, "holds control characters"),
        (len(href) > MAX_HREF, f"is longer than {MAX_HREF} characters"),
        ("\\" in plain or "://" in plain.partition("?")[0] or plain.startswith("//"), outside),
        (".." in re.split(r"[/?#]", plain), "climbs out with '..'"),
        (binding == "http" and bool(_SCHEME.match(href)), outside),
        (binding == "http" and not href.startswith("/"), "must start with '/'"),
        (binding == "http" and " " in href, "holds a space; write %20"),
    )
    return next((reason for wrong, reason in checks if wrong), "")
