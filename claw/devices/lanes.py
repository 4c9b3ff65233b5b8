"""Orders to one property, one at a time: the last one wins, and those it overtook learn what became of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import anyio

from claw.model.effect import Effect


@dataclass(eq=False, slots=True)
class Ticket:
    """One order. `overtaken` is set when a newer one has come; `done` when this one will change nothing more."""

    overtaken: anyio.Event = field(default_factory=anyio.Event)
    done: anyio.Event = field(default_factory=anyio.Event)
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """What an order comes back with: an effect, and whether it is the effect of a later order."""

    effect: Effect | None
    overtaken: bool


class Lane:
    """The orders of one property.

    Law: whatever the interleaving, the last accepted order is the last one sent. An order that is overtaken while it
    waits is never sent; one that is overtaken on its way stops looking for its own result.
    """

    def __init__(self) -> None:
        self._lock = anyio.Lock()
        self._newest: Ticket | None = None

    async def run(self, work: Callable[[anyio.Event], Awaitable[Effect]]) -> Passed:
        """Carry out `work(overtaken)` in turn, unless a newer order comes first."""
        ticket = Ticket()
        if self._newest is not None:
            self._newest.overtaken.set()
        self._newest = ticket
        try:
            async with self._lock:
                if self._newest is ticket:
                    ticket.effect = await work(ticket.overtaken)
        finally:
            ticket.done.set()
        last = self._newest
        while last is not ticket and not last.done.is_set():
            await last.done.wait()
            last = self._newest
        if last is ticket:
            return Passed(ticket.effect, overtaken=False)
        # the newer order failed or was withdrawn: what we saw ourselves is the best there is
        return Passed(last.effect or ticket.effect, overtaken=True)
