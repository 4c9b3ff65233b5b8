"""A physical device on the LAN: several announcements, one identity."""

from __future__ import annotations

from dataclasses import dataclass

from claw.model.announcement import Announcement
from claw.model.identity import Identity


@dataclass(frozen=True, slots=True)
class Device:
    """One box. `id` is stable for ever once given; `hosts` follow the network, best first."""

    id: str
    title: str
    identities: frozenset[Identity]
    hosts: tuple[str, ...]
    announcements: tuple[Announcement, ...]
    manufacturer: str = ""
    model: str = ""
    online: bool = True
    first_seen: float = 0.0
    last_seen: float = 0.0
    ignored: bool = False

    @property
    def host(self) -> str:
        """The address to try first."""
        return self.hosts[0] if self.hosts else ""
