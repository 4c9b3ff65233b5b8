"""The daemon's own house in this process, living in a simulated house of its own on the same loopback."""

from __future__ import annotations

import re
from collections import ChainMap
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

from claw import settings
from claw.app import House, live, open_house
from claw.brains.reply import Reply
from claw.cli.moving_in import move_in
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.principal import Principal, Role
from claw.simulator import Fault, SimulatedHouse

OWNER = Principal("owner", "Anna", Role.OWNER, ("cli:local",))
SOON = 15.0  # seconds; far more than anything here takes on an idle machine


@dataclass
class Home:
    """Both houses. Discovery hears other tests' houses too; only our own devices are ever adopted."""

    house: House
    world: SimulatedHouse
    told: list[str]

    async def say(self, text: str) -> Reply:
        """One message from the owner."""
        with anyio.fail_after(4 * SOON):
            return await self.house.conversation.handle(text, OWNER, Context.new(f"text:{OWNER.name}"))

    async def agree(self, asked: Reply) -> Reply:
        """Yes, with the code if there is one."""
        code = re.search(r"YES \d{4}", asked.text)
        return await self.say(code[0] if code else "yes")

    async def order(self, text: str) -> Effect:
        """A message that must come to one effect, the last one; a first "shall I try?" is answered with yes."""
        reply = first = await self.say(text)
        if reply.asked:
            reply = await self.agree(reply)
        assert reply.effects, (first.text, reply.text)
        return reply.effects[-1]

    def context(self) -> Context:
        """As if the owner did it."""
        return Context.new(f"text:{OWNER.name}")

    def truth(self, device: str) -> Any:
        """What is physically so."""
        return self.world.truth()[device]

    async def until(self, holds: Callable[[], object], seconds: float = SOON) -> None:
        """Wait until something is so."""
        with anyio.fail_after(seconds):
            while not holds():  # noqa: ASYNC110 - physics tells nobody
                await anyio.sleep(0.02)

    async def fault(self, device: str, **what: Any) -> None:
        """Make a device ill."""
        await self.world.faults.set(device, Fault(**what))

    async def well(self, device: str) -> None:
        """Make it well, and wait until the house says so too."""
        await self.world.faults.clear(device)
        things = self.of(device)
        await self.until(lambda: self.of(device).keys() >= things.keys())  # it may have moved back
        await self.until(lambda: all(thing.online for thing in self.of(device).values()))

    def of(self, device: str) -> Mapping[str, Any]:
        """The things of one simulated device, by id."""
        host = self.world.devices[device].address
        homes = {d.id for d in self.house.registry.devices.values() if host in d.hosts}
        return {t.id: t for t in self.house.registry.things.values() if t.device_id in homes}


@asynccontextmanager
async def at_home(data: Path, only: Collection[str], *, without: Collection[str] = ()) -> AsyncIterator[Home]:
    """Move into a simulated house of these devices, as the demo does. `without`: adapters that are left out."""
    loaded = settings.load(data=str(data), port=0, interfaces=("127.0.0.1",))
    told: list[str] = []
    async with SimulatedHouse(only=only, held=True) as world, open_house(loaded) as house:
        await house.store.principals.save(OWNER)
        if without:
            house.registry._adapters = ChainMap(
                {k: v for k, v in house.registry.adapters.items() if k not in without}
            )
        async with live(house):
            await move_in(house, _facts(world), told.append)
            yield Home(house, world, told)


def _facts(world: SimulatedHouse) -> Mapping[str, Any]:
    return world.describe()
