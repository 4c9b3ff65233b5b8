"""Limits on what the LAN may say: text, fields and URLs are cut, cleaned and decoded leniently here, once."""

from __future__ import annotations

import ipaddress
import unicodedata
from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

MAX_TEXT = 256  # characters of a name
MAX_FIELDS = 64
MAX_KEY = 64
MAX_VALUE = 512
MAX_URL = 1024


def text(raw: str | bytes, limit: int = MAX_TEXT) -> str:
    """`raw` as one printable line of at most `limit` characters; bad UTF-8 becomes U+FFFD, controls vanish."""
    value = raw[: limit * 4].decode("utf-8", "replace") if isinstance(raw, bytes) else raw[: limit * 4]
    if not value.isprintable():
        value = "".join(" " if c.isspace() else c for c in value if c.isspace() or unicodedata.category(c)[0] != "C")
    return value.strip()[:limit].rstrip()


def fields(pairs: Iterable[tuple[str | bytes, str | bytes | None]]) -> dict[str, str]:
    """Keys lower-case, the first of a repeated key wins (RFC 6763 6.4), a key without a value is empty."""
    kept: dict[str, str] = {}
    for raw_key, raw_value in pairs:
        if len(kept) >= MAX_FIELDS:
            break
        key = text(raw_key, MAX_KEY).lower()
        if key and key not in kept:
            kept[key] = text(raw_value or "", MAX_VALUE)
    return kept


def host(raw: str) -> str | None:
    """An address in canonical spelling, its scope kept; None for a name, a group, a broadcast or no address."""
    try:
        address = ipaddress.ip_address(raw)
    except ValueError:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.is_multicast or address.is_unspecified or address.is_reserved:
        return None
    if isinstance(address, ipaddress.IPv6Address) and address.scope_id is not None and not address.is_link_local:
        return str(ipaddress.IPv6Address(address.packed))
    return str(address)


def url(raw: str) -> SplitResult | None:
    """A plain absolute http(s) URL with a host; None for anything else, user names included."""
    if len(raw) > MAX_URL or not raw.isprintable() or " " in raw:
        return None
    try:
        parts = urlsplit(raw)
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    return parts if usable else None


def port_of(parts: SplitResult) -> int:
    """The port that a URL from `url` names or implies."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def same_machine(one: str, other: str) -> bool:
    """Whether two addresses are one machine for sure: equal but for the scope, or both this one."""
    one, other = one.partition("%")[0], other.partition("%")[0]
    return one == other or (ipaddress.ip_address(one).is_loopback and ipaddress.ip_address(other).is_loopback)


def url_of_host(raw: str, source: str) -> str | None:
    """`raw` when it is a URL on the machine `source`, else None. A link-local host gets the scope of `source`.

    A program that listens everywhere announces 0.0.0.0: it means itself. On loopback, where all addresses are this
    machine, the sender's says nothing, so the URL's is kept.
    """
    parts = url(raw)
    if parts is None or parts.hostname is None:
        return None
    named = source if parts.hostname in ("0.0.0.0", "::") else host(parts.hostname)  # noqa: S104 - a comparison
    if named is None or not same_machine(named, source):
        return None
    kept = named if ipaddress.ip_address(named).is_loopback else source
    bracketed = f"[{kept}]" if ":" in kept else kept
    return parts._replace(netloc=f"{bracketed}:{port_of(parts)}", fragment="").geturl()
