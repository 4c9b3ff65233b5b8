"""The announcements that stand at this moment, bounded so that a hostile LAN cannot fill memory."""

from __future__ import annotations

from collections import Counter

from claw.model.announcement import Announcement

Key = tuple[str, str, str]
MAX_ANNOUNCEMENTS = 4096


class Table:
    """The latest announcement of each service. When full, whoever announces most loses their oldest."""

    def __init__(self, limit: int = MAX_ANNOUNCEMENTS) -> None:
        self._limit = limit
        self._rows: dict[Key, Announcement] = {}
        self._by_host: Counter[str] = Counter()
        self.evicted = 0

    def __len__(self) -> int:
        return len(self._rows)

    def all(self) -> tuple[Announcement, ...]:
        """Every announcement, the longest known first."""
        return tuple(self._rows.values())

    def put(self, announcement: Announcement) -> bool:
        """Keep an announcement, or drop it when it is a goodbye; False when that changes nothing."""
        known = self._rows.get(announcement.key)
        if announcement.gone:
            if known is not None:
                self._drop(announcement.key)
            return known is not None
        if known == announcement:
            return False
        if known is not None:
            self._by_host[_host(known)] -= 1
        elif len(self._rows) >= self._limit:
            self._make_room()
        self._rows[announcement.key] = announcement
        self._by_host[_host(announcement)] += 1
        return True

    def _make_room(self) -> None:
        loudest = self._by_host.most_common(1)[0][0]
        self._drop(next(key for key, row in self._rows.items() if _host(row) == loudest))
        self.evicted += 1

    def _drop(self, key: Key) -> None:
        host = _host(self._rows.pop(key))
        self._by_host[host] -= 1
        if not self._by_host[host]:
            del self._by_host[host]


def _host(announcement: Announcement) -> str:
    return announcement.hosts[0] if announcement.hosts else ""
