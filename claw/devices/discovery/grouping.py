"""Which announcements come from the same box: a function of the whole set, so the order of arrival cannot matter.

1. What shares a strong identity is one group, wherever it is.
2. Groups on one host that share a hint (port, name, model) are one box, unless anything in that knot of hints
   contradicts: two HAP ids, two MACs or two UUIDs on one address are a bridge, a NAT or a swap of addresses.
3. Services without identity join the box on their host that they share a hint with, else the only box there;
   where that is not clear they stay on their own. Loopback addresses are shared by everything on this machine, so
   there only hints count.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from claw.devices.discovery.marks import hints, identities
from claw.model.announcement import Announcement, Via
from claw.model.identity import Identity, Scheme


@dataclass(frozen=True, slots=True)
class Node:
    """One announcement (or the memory of a device: identities alone) and what it is known by.

    `local`: its hints, each with a host on which it holds. `telling`: its hosts that are one machine each.
    """

    identities: frozenset[Identity]
    local: frozenset[tuple[str, str]] = frozenset()
    telling: frozenset[str] = frozenset()
    announcement: Announcement | None = None

    @classmethod
    def of(cls, announcement: Announcement) -> Node:
        """The node of an announcement."""
        a = announcement
        marks = _marks((a.via, a.kind, a.name, a.hosts, a.port, tuple(a.fields.items())))
        return cls(*marks, announcement)


_Marks = tuple[frozenset[Identity], frozenset[tuple[str, str]], frozenset[str]]


@lru_cache(maxsize=4096)
def _marks(said: tuple[Via, str, str, tuple[str, ...], int, tuple[tuple[str, str], ...]]) -> _Marks:
    via, kind, name, hosts, port, fields = said
    announcement = Announcement(via, kind, name, hosts, port, dict(fields))
    local = frozenset((host, hint) for host in hosts for hint in hints(announcement))
    telling = frozenset(host for host in hosts if not host.startswith("127.") and host != "::1")
    return identities(announcement), local, telling


class _Forest:
    """Union-find over the numbers 0..n-1."""

    def __init__(self, size: int) -> None:
        self._parent = list(range(size))

    def root(self, one: int) -> int:
        while self._parent[one] != one:
            self._parent[one] = self._parent[self._parent[one]]
            one = self._parent[one]
        return one

    def join(self, one: int, other: int) -> None:
        one, other = self.root(one), self.root(other)
        self._parent[max(one, other)] = min(one, other)

    def groups(self, members: Iterable[int]) -> list[list[int]]:
        found: dict[int, list[int]] = {}
        for member in members:
            found.setdefault(self.root(member), []).append(member)
        return list(found.values())


def partition(nodes: Sequence[Node]) -> list[list[Node]]:
    """The boxes, each with its nodes; every node is in exactly one."""
    forest = _Forest(len(nodes))
    _join_shared(forest, {n: node.identities for n, node in enumerate(nodes)})
    strong = [n for n, node in enumerate(nodes) if node.identities]
    weak = [n for n, node in enumerate(nodes) if not node.identities]
    _join_compatible(forest, nodes, forest.groups(strong))
    _attach_weak(forest, nodes, forest.groups(strong), weak)
    return [[nodes[n] for n in group] for group in forest.groups(range(len(nodes)))]


def _join_shared(forest: _Forest, marks: Mapping[int, Iterable[object]]) -> None:
    first: dict[object, int] = {}
    for member, own in marks.items():
        for mark in own:
            forest.join(member, first.setdefault(mark, member))


def contradict(one: Iterable[Identity], other: Iterable[Identity]) -> bool:
    """Whether two sets of identities cannot belong to one box: a scheme in both, and no value in common."""
    mine, theirs = _by_scheme(one), _by_scheme(other)
    return any(mine[scheme].isdisjoint(theirs[scheme]) for scheme in mine.keys() & theirs.keys())


def _by_scheme(identities: Iterable[Identity]) -> dict[Scheme, set[str]]:
    found: dict[Scheme, set[str]] = {}
    for identity in identities:
        found.setdefault(identity.scheme, set()).add(identity.value)
    return found


def _local(nodes: Sequence[Node], group: Iterable[int]) -> set[tuple[str, str]]:
    return {mark for n in group for mark in nodes[n].local}


def _known(nodes: Sequence[Node], group: Iterable[int]) -> frozenset[Identity]:
    return frozenset().union(*(nodes[n].identities for n in group))


def _join_compatible(forest: _Forest, nodes: Sequence[Node], groups: list[list[int]]) -> None:
    knots = _Forest(len(groups))
    _join_shared(knots, {g: _local(nodes, group) for g, group in enumerate(groups)})
    for knot in knots.groups(range(len(groups))):
        known = {g: _known(nodes, groups[g]) for g in knot}
        if not any(contradict(known[a], known[b]) for a, b in combinations(knot, 2)):
            for g in knot[1:]:
                forest.join(groups[knot[0]][0], groups[g][0])


def _attach_weak(forest: _Forest, nodes: Sequence[Node], boxes: list[list[int]], weak: list[int]) -> None:
    by_hint: dict[tuple[str, str], set[int]] = {}
    by_host: dict[str, set[int]] = {}
    for b, box in enumerate(boxes):
        for mark in _local(nodes, box):
            by_hint.setdefault(mark, set()).add(b)
        for host in {host for n in box for host in nodes[n].telling}:
            by_host.setdefault(host, set()).add(b)
    alone: list[int] = []
    for n in weak:
        hinted = set().union(*(by_hint.get(mark, ()) for mark in nodes[n].local))
        here = set().union(*(by_host.get(host, ()) for host in nodes[n].telling))
        if len(hinted) == 1:
            forest.join(n, boxes[hinted.pop()][0])
        elif len(here) == 1 and not hinted:
            forest.join(n, boxes[here.pop()][0])
        else:
            alone.append(n)
    _gather_weak(forest, nodes, alone)


def _gather_weak(forest: _Forest, nodes: Sequence[Node], alone: list[int]) -> None:
    """What is left on a host is one box, unless one kind of service is there twice: then only names tell."""
    hosts = _Forest(len(alone))
    _join_shared(hosts, {i: nodes[n].telling | nodes[n].local for i, n in enumerate(alone)})
    for members in hosts.groups(range(len(alone))):
        group = [alone[i] for i in members]
        told = [a for n in group if (a := nodes[n].announcement) is not None and a.via is not Via.SWEEP]
        if len({(a.via, a.kind) for a in told}) == len(told):
            for n in group[1:]:
                forest.join(n, group[0])
        else:
            _join_shared(forest, {n: [m for m in nodes[n].local if m[1].startswith("name:")] for n in group})
