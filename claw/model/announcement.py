"""What the LAN said: one announcement, bounded and decoded, still untrusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Via(StrEnum):
    """How an announcement reached us."""

    MDNS = "mdns"
    SSDP = "ssdp"
    MQTT = "mqtt"
    UDP = "udp"  # a vendor's own broadcast
    SWEEP = "sweep"
    CONFIGURED = "configured"  # a person gave us the address


@dataclass(frozen=True, slots=True)
class Announcement:
    """One service that some machine says it offers.

    `kind`: the mDNS type without domain (`_hap._tcp`), the SSDP ST/NT, or the sweep's `http`.
    `name`: the instance or friendly name. `hosts`: IP literals, IPv4 first. `fields`: TXT records or headers,
    keys lower-case. `location`: absolute URL of a description, if it gave one. `gone`: a goodbye or an expiry.
    """

    via: Via
    kind: str
    name: str
    hosts: tuple[str, ...]
    port: int
    fields: Mapping[str, str] = field(default_factory=dict)
    location: str | None = None
    gone: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two announcements the same announcement."""
        return (self.via, self.kind, self.fields.get("usn") or self.name)
