"""What there is to poll, and when: one heap for the whole house, one entry for each exchange on the wire."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(eq=False, slots=True)
class Round:
    """One exchange, and the things and properties that live on its answer. Times are monotonic seconds.

    `again`: due at once when the exchange that is running has ended.
    """

    key: str
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    due: float = 0.0
    failures: int = 0
    lively_until: float = 0.0
    running: bool = False
    again: bool = False


class Rounds:
    """A priority queue of rounds. A round that is moved leaves its old entry behind, to be skipped."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Round]] = []
        self._rounds: dict[str, Round] = {}
        self._of: dict[str, set[str]] = {}
        self._count = 0

    def __len__(self) -> int:
        return len(self._rounds)

    def of(self, thing: str) -> list[Round]:
        """The rounds that a thing lives on."""
        return [self._rounds[key] for key in self._of.get(thing, ())]

    def put(self, thing: str, exchanges: Mapping[str, tuple[str, ...]], due: float) -> None:
        """Make `thing` live on these exchanges (key -> properties) and no others; new ones are first due at `due`."""
        for key in self._of.get(thing, set()) - set(exchanges):
            self._leave(thing, key)
        self._of[thing] = set(exchanges)
        for key, names in exchanges.items():
            found = self._rounds.get(key)
            if found is None:
                found = self._rounds[key] = Round(key)
                self.schedule(found, due)
            found.members[thing] = names

    def drop(self, thing: str) -> None:
        """Forget a thing; an exchange that nothing lives on any more ends."""
        for key in self._of.pop(thing, set()):
            self._leave(thing, key)

    def _leave(self, thing: str, key: str) -> None:
        members = self._rounds[key].members
        del members[thing]
        if not members:
            del self._rounds[key]

    def schedule(self, what: Round, due: float) -> None:
        """Have `what` come up at `due`."""
        what.due = due
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, what))

    def next_due(self) -> float:
        """When the next round is due; infinity when there is none."""
        self._clear()
        return self._heap[0][0] if self._heap else float("inf")

    def take(self, now: float) -> Iterable[Round]:
        """Remove and yield the rounds that are due."""
        while self.next_due() <= now:
            yield heapq.heappop(self._heap)[2]

    def _clear(self) -> None:
        while self._heap:
            due, _, what = self._heap[0]
            if what.due == due and not what.running and self._rounds.get(what.key) is what:
                return
            heapq.heappop(self._heap)
