"""Where a form may point: at the device it came from, and nowhere else."""

from __future__ import annotations

import re
from urllib.parse import unquote

MAX_HREF = 1000
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def problem(href: str, binding: str) -> str:
    """Why `href` is refused, as the end of a sentence; empty when it is fine."""
    plain = unquote(href)
    outside = "names another machine; only paths on the device itself are allowed"
    checks = (
        (any(ord(letter) < 32 or ord(letter) == 127 for letter in plain), "holds control characters"),  # noqa: PLR2004
        (len(href) > MAX_HREF, f"is longer than {MAX_HREF} characters"),
        ("\\" in plain or "://" in plain.partition("?")[0] or plain.startswith("//"), outside),
        (".." in re.split(r"[/?#]", plain), "climbs out with '..'"),
        (binding == "http" and bool(_SCHEME.match(href)), outside),
        (binding == "http" and not href.startswith("/"), "must start with '/'"),
        (binding == "http" and " " in href, "holds a space; write %20"),
    )
    return next((reason for wrong, reason in checks if wrong), "")
