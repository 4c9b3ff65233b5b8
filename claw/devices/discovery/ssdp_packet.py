"""SSDP packets, in and out: HTTP headers over UDP, read leniently because nobody writes them alike.

UPnP Device Architecture 1.1, clauses 1.2 and 1.3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum

from claw.devices.discovery import bounds

MAX_PACKET = 8192  # bytes; the longest seen in the wild are under 1 KiB
DEFAULT_AGE = 1800.0  # seconds, where CACHE-CONTROL says nothing
MAX_AGE = 86400.0

_REPLY = re.compile(rb"HTTP/1\.[01] +200\b", re.IGNORECASE)
_NOTIFY = re.compile(rb"NOTIFY +\S+ +HTTP/1\.[01]", re.IGNORECASE)
_AGE = re.compile(r"max-age\s*=\s*\"?(\d{1,12})", re.IGNORECASE)
_TARGET = re.compile(r"[!-~]{1,200}")
_PASSING = {  # true of the packet, not of the device
    *("bootid.upnp.org", "cache-control", "configid.upnp.org", "content-length", "date", "ext", "host", "location"),
    *("man", "mx", "nextbootid.upnp.org", "nt", "nts", "opt", "searchport.upnp.org", "st", "01-nls", "connection"),
}


class Said(Enum):
    """What a packet is for."""

    REPLY = "reply"
    ALIVE = "alive"
    BYEBYE = "byebye"


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet that names a service. `epoch` changes when the device restarted or changed its description."""

    said: Said
    kind: str
    usn: str
    location: str
    max_age: float
    epoch: str
    fields: Mapping[str, str]

    @property
    def uuid(self) -> str:
        """The device part of the USN."""
        return self.usn.split("::", 1)[0]


def search(target: str, group: str, wait: int = 1) -> bytes:
    """An M-SEARCH for `target`; some devices match `ST: value` letter by letter, so the space is not optional."""
    lines = ("M-SEARCH * HTTP/1.1", f"HOST: {group}:1900", 'MAN: "ssdp:discover"', f"MX: {wait}", f"ST: {target}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def parse(data: bytes) -> Packet | None:
    """The packet, or None for anything that tells of no service: queries, refusals, noise."""
    if len(data) > MAX_PACKET:
        return None
    lines = data.splitlines()
    if not lines:
        return None
    headers = bounds.fields(_headers(lines[1:]))
    said = _said(lines[0].strip(), headers.get("nts", "").lower())
    usn = headers.get("usn", "").strip('"')
    kind = _kind(headers.get("nt" if said is not Said.REPLY else "st", ""), usn)
    if said is None or not kind or not _TARGET.fullmatch(usn):
        return None
    epoch = "/".join(headers.get(key, "") for key in ("bootid.upnp.org", "configid.upnp.org"))
    fields = {key: value for key, value in headers.items() if key not in _PASSING} | {"usn": usn}
    return Packet(said, kind, usn, headers.get("location", ""), _age(headers.get("cache-control", "")), epoch, fields)


def _said(line: bytes, nts: str) -> Said | None:
    if _REPLY.match(line):
        return Said.REPLY
    if not _NOTIFY.match(line):
        return None
    return {"ssdp:alive": Said.ALIVE, "ssdp:update": Said.ALIVE, "ssdp:byebye": Said.BYEBYE}.get(nts)


def _headers(lines: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for line in lines[: bounds.MAX_FIELDS]:
        key, colon, value = line.partition(b":")
        if colon:
            yield key.strip(), value


def _kind(target: str, usn: str) -> str:
    """What is offered. The USN is believed over the ST: some devices echo whatever was searched for."""
    _, two_colons, own = usn.partition("::")
    if two_colons and own:
        target = own
    if target.lower() in ("ssdp:all", "ssdp:discover"):
        target = "upnp:rootdevice"
    return target if _TARGET.fullmatch(target) else ""


def _age(raw: str) -> float:
    match = _AGE.search(raw)
    return min(float(match[1]), MAX_AGE) if match else DEFAULT_AGE
