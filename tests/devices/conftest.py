"""A whole devices room on a real store and the real HTTP wire."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from claw.bus import Bus
from claw.devices.bindings import Bindings
from claw.devices.consumed import ConsumedThing
from claw.devices.registry import Registry
from claw.devices.things import Things
from claw.model.context import Context
from claw.model.level import Level
from claw.model.thing import Thing
from claw.protocols.http import Http
from claw.state import State
from claw.store import Store
from tests.devices.lamp import Lamp, document, plugged_in

TEST = Context.new("test")


@dataclass
class Room:
    """Everything a test needs to touch."""

    store: Store
    bus: Bus
    state: State
    bindings: Bindings
    registry: Registry
    things: Things

    async def hang(self, lamp: Lamp, *, level: Level = Level.WRITE_READ_BACK, **changes: Any) -> ConsumedThing:
        """Put a lamp into the house as adoption would."""
        adapter = await self.registry.put_adapter(document(**changes), "test")
        device = await self.registry.meet(lamp.announcement(), TEST)
        assert device is not None
        model = next(iter(adapter.units.values()))
        thing = Thing(
            id=self.registry.new_id(lamp.name),
            title=lamp.name,
            device_id=device.id,
            adapter_id=adapter.id,
            unit="main",
            model=model.name,
            capabilities=model.capabilities,
            properties={name: bound.property for name, bound in model.properties.items()},
            actions={name: bound.action for name, bound in model.actions.items()},
            level=level,
        )
        thing = await self.registry.put_thing(thing, TEST)
        return self.things.get(thing.id)

    async def narrow(self, thing: ConsumedThing, name: str, **changes: Any) -> None:
        """Change one property's expectations (settle, tolerance ...)."""
        properties = {**thing.thing.properties, name: replace(thing.thing.properties[name], **changes)}
        await self.registry.put_thing(replace(thing.thing, properties=properties), TEST)


@asynccontextmanager
async def furnished(path: Path, patience: float = 1.0) -> AsyncIterator[Room]:
    """Open a house kept in `path`."""
    async with await Store.open(f"sqlite+aiosqlite:///{path / 'claw.db'}") as store:
        bus = Bus()
        state = State(bus)
        bindings = Bindings({"http": Http(store.secrets, timeout=patience, connect_timeout=patience)})
        registry = Registry(store, bus, state, bindings, dict)
        await registry.load()
        things = Things(registry, bindings, state, bus, store.changes, timeout=patience)
        try:
            yield Room(store, bus, state, bindings, registry, things)
        finally:
            await bindings.aclose()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Room]:
    async with furnished(tmp_path) as found:
        yield found


@pytest.fixture
async def lamp() -> AsyncIterator[Lamp]:
    async with plugged_in(Lamp()) as found:
        yield found
