"""The devices by id and by every mark: finding those near an announcement costs no look at the rest."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, MutableMapping
from heapq import nsmallest

from claw.devices.discovery.grouping import Node
from claw.model.announcement import Announcement
from claw.model.device import Device

MAX_DEVICES = 4096  # a machine that invents devices must not fill memory or disk
MAX_NEAR = 64  # devices that seem to be neighbours, on one host say: each is compared with all others


class Crowd(MutableMapping[str, Device]):
    """Devices by id, with an index of their marks that is kept as they change."""

    def __init__(self, devices: Mapping[str, Device] | None = None) -> None:
        self._devices: dict[str, Device] = {}
        self._marks: dict[str, frozenset[object]] = {}
        self._holders: dict[object, set[str]] = {}
        self.update(devices or {})

    def __getitem__(self, id_: str) -> Device:
        return self._devices[id_]

    def __setitem__(self, id_: str, device: Device) -> None:
        before, marks = self._marks.get(id_, frozenset()), frozenset(_marks(device))
        self._devices[id_], self._marks[id_] = device, marks
        self._leave(id_, before - marks)
        for mark in marks - before:
            self._holders.setdefault(mark, set()).add(id_)

    def __delitem__(self, id_: str) -> None:
        del self._devices[id_]
        self._leave(id_, self._marks.pop(id_))

    def __iter__(self) -> Iterator[str]:
        return iter(self._devices)

    def __len__(self) -> int:
        return len(self._devices)

    def holding(self, mark: object) -> list[Device]:
        """Those known by this mark."""
        return [self._devices[id_] for id_ in sorted(self._holders.get(mark, ()))]

    def near(self, marks: Iterable[object]) -> list[Device]:
        """Those known by one of these marks, those that share a mark with them, and so on; the first met first."""
        todo = set(marks)
        seen = set(todo)
        near: dict[str, Device] = {}
        while todo:
            for id_ in self._holders.get(todo.pop(), ()):
                if id_ not in near:
                    near[id_] = self._devices[id_]
                    todo |= self._marks[id_] - seen
                    seen |= self._marks[id_]
        return sorted(near.values(), key=lambda d: (d.first_seen, d.id))

    def make_room(self, announcement: Announcement, adopted: Container[str]) -> list[Device]:
        """Let those go that were heard longest ago, where there are too many; what people care for stays."""
        here = self.near(told(announcement))
        full = len(self) >= MAX_DEVICES
        if self.holding(announcement.key) or not (full or len(here) >= MAX_NEAR):
            return []
        loose = [d for d in (self.values() if full else here) if not (d.ignored or d.id in adopted)]
        oldest = nsmallest(MAX_DEVICES // 16 if full else MAX_NEAR // 2, loose, key=lambda device: device.last_seen)
        for device in oldest:
            del self[device.id]
        return oldest

    def _leave(self, id_: str, marks: Iterable[object]) -> None:
        for mark in marks:
            holders = self._holders[mark]
            holders.discard(id_)
            if not holders:
                del self._holders[mark]


def told(announcement: Announcement) -> set[object]:
    """What an announcement is known by."""
    node = Node.of(announcement)
    return {announcement.key, *node.identities, *node.telling, *node.local}


def _marks(device: Device) -> set[object]:
    return {*device.identities, *(mark for heard in device.announcements for mark in told(heard))}
