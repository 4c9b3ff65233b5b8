"""A whole house in the test's own process: real store, real sockets, the bench's Hue bridge as its one device."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from claw import settings
from claw.app import House, live, open_house
from claw.model.context import Context
from claw.model.principal import Principal, Role
from tests.bench import stub

OWNER = Principal("owner", "Anna", Role.OWNER, ("cli:local",))


@dataclass
class Living:
    """A served house and a client with an owner's token."""

    house: House
    url: str
    token: str
    client: aiohttp.ClientSession
    bridge: str

    async def call(self, method: str, path: str, body: Any = None, token: str | None = None) -> tuple[int, Any]:
        """One exchange: status and parsed body."""
        headers = {"Authorization": f"Bearer {self.token if token is None else token}"}
        async with self.client.request(method, self.url + path, json=body, headers=headers) as answer:
            text = await answer.text()
            try:
                return answer.status, json.loads(text)
            except ValueError:
                return answer.status, text

    async def adopt(self) -> str:
        """Adopt the bridge; its lamp's id."""
        adopted = await self.house.adoption.adopt(self.bridge, consent=True, context=Context.new("test"))
        return adopted.things[0].id


@asynccontextmanager
async def bridge() -> AsyncIterator[str]:
    """The bench's Hue bridge on a free port."""
    runner = web.AppRunner(stub.app(), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def living(data: Path) -> AsyncIterator[Living]:
    """A house that serves on a free port, with a bridge beside it (not adopted yet)."""
    loaded = settings.load(data=str(data), port=0, discovery=False)
    async with bridge() as device, open_house(loaded) as house:
        await house.store.principals.save(OWNER)
        token = await house.store.tokens.create("test", Role.OWNER, OWNER.id)
        async with live(house) as url, aiohttp.ClientSession() as client:
            yield Living(house, url, token, client, device)
