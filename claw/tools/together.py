"""The same order for many things at once; one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import anyio

from claw.errors import ClawError, CodecError, Forbidden, InvalidValue, NotFound
from claw.model.effect import Effect
from claw.model.json import Json
from claw.tools.ports import Desk

_NOTHING_SENT = (InvalidValue, NotFound, Forbidden, CodecError)

One = Callable[[str], Awaitable[tuple[Effect, ...]]]


async def together(desk: Desk, things: Sequence[str], name: str, asked: Json, one: One) -> tuple[Effect, ...]:
    """The effects of `one(thing)` for all, in order; an error becomes that thing's problem.

    Raises the first error when every thing refused before anything was sent.
    """
    found: dict[str, tuple[Effect, ...]] = {}
    refused: list[ClawError] = []

    async def run(thing: str) -> None:
        try:
            found[thing] = await one(thing)
        except ClawError as error:
            if isinstance(error, _NOTHING_SENT):
                refused.append(error)
            known = desk.registry.things.get(thing)
            title = known.title if known else thing
            found[thing] = (Effect(thing, name, None, None, asked, False, 0.0, title, str(error)),)  # noqa: FBT003

    unique = tuple(dict.fromkeys(things))
    if not unique:
        raise InvalidValue("No thing was named; give at least one id.")
    if len(unique) == 1:
        await run(unique[0])
    else:
        async with anyio.create_task_group() as group:
            for thing in unique:
                group.start_soon(run, thing)
    if len(refused) == len(unique):
        raise refused[0]
    return tuple(effect for thing in unique for effect in found[thing])
