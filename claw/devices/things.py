"""The things of the house, ready to be read and driven."""

from __future__ import annotations

import anyio

from claw.bus import Bus
from claw.devices.bindings import AT_ONCE, MANY_AT_ONCE, Bindings
from claw.devices.consumed import ConsumedThing, Journal
from claw.devices.observed import Surroundings
from claw.devices.registry import Registry
from claw.errors import NotFound
from claw.protocols.binding import DEFAULT_TIMEOUT
from claw.state import State


class Things:
    """Hands out the one ConsumedThing of each thing, so that its orders queue in one place."""

    def __init__(
        self,
        registry: Registry,
        bindings: Bindings,
        state: State,
        bus: Bus,
        journal: Journal,
        *,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        self._around = Surroundings(registry, bindings, state, bus, timeout)
        self._journal = journal
        self._things: dict[str, ConsumedThing] = {}
        self._limits: dict[tuple[str, str], anyio.Semaphore] = {}

    def get(self, id_: str) -> ConsumedThing:
        """The thing of that id. Raises NotFound."""
        thing = self._around.registry.things.get(id_)
        if thing is None:
            self._things.pop(id_, None)
            raise NotFound(f"No thing is called {id_!r}.")
        adapter = self._around.registry.adapters.get(thing.adapter_id)
        wire = adapter.binding if adapter is not None else ""
        consumed = self._things.get(id_)
        if consumed is None:
            key = (thing.device_id, wire)
            if key not in self._limits:
                self._limits[key] = anyio.Semaphore(MANY_AT_ONCE.get(wire, AT_ONCE), fast_acquire=True)
            consumed = self._things[id_] = ConsumedThing(id_, self._around, self._limits[key], self._journal)
        return consumed
