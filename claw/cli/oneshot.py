"""Verbs that also work when no daemon runs: open the house, do one thing, close it."""

from __future__ import annotations

import tempfile
from functools import partial

import anyio

from claw import settings
from claw.api.replies import ReplyOut
from claw.api.shapes import DeviceShape
from claw.app import open_house
from claw.cli.running import run
from claw.cli.serving import OWNER
from claw.errors import NotFound
from claw.model.context import Context
from claw.model.json import Json


def ask(data: str | None, text: str, name: str | None) -> Json:
    """One message; the reply as the API gives it."""
    return run(partial(_ask, data, text, name))


async def _ask(data: str | None, text: str, name: str | None) -> Json:
    async with open_house(settings.load(data=data)) as house:
        principal = await house.store.principals.find(name) if name else OWNER
        if principal is None:
            raise NotFound(f"Nobody in the household is called {name!r}.")
        reply = await house.conversation.handle(text, principal, Context.new(f"text:{principal.name}"))
        answer: Json = ReplyOut.of(reply).model_dump()
        return answer


def discover(seconds: float, interfaces: tuple[str, ...], *, sweep: bool) -> Json:
    """Look at the LAN without a daemon, keeping nothing."""
    return run(partial(_discover, seconds, interfaces, sweep=sweep))


async def _discover(seconds: float, interfaces: tuple[str, ...], *, sweep: bool) -> Json:
    with tempfile.TemporaryDirectory() as folder:
        async with open_house(settings.load(data=folder, interfaces=interfaces, alone=True)) as house:
            async with anyio.create_task_group() as group:
                await group.start(lambda *, task_status: house.discovery.run(task_status=task_status))
                await house.finder.look(seconds, sweep)
                group.cancel_scope.cancel()
            return [DeviceShape.of(d, ()).model_dump() for d in house.registry.devices.values()]
