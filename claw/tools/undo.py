"""Put back what the last order changed."""

from __future__ import annotations

import time

import anyio

from claw.errors import ClawError, NotFound
from claw.model.affordance import Risk
from claw.model.change import Change
from claw.model.effect import Effect
from claw.model.json import JsonObject
from claw.tools.ports import Desk
from claw.tools.stakes import of_writes
from claw.tools.tool import Caller, Stakes, Tool, ToolResult

LOOK_BACK = 200  # journal entries
OLDEST = 24 * 3600.0  # seconds; nobody means yesterday's order
MARK = "undo:"  # origin of what an undo did, with the id of the context that it undid


async def undo(desk: Desk, caller: Caller) -> ToolResult:
    """Undo the last order: every property it changed goes back to what it was before."""
    plan = await _plan(desk)
    if not plan:
        raise NotFound("I have nothing to undo.")
    context = caller.context.child(f"{MARK}{plan[0].context.id}")
    effects: list[Effect | None] = [None] * len(plan)

    async def back(at: int, effect: Effect) -> None:
        try:
            driven = desk.things.get(effect.thing)
            effects[at] = await driven.write(effect.property, effect.old, context, confirmed=caller.confirmed)
        except ClawError as error:
            effects[at] = Effect(
                effect.thing, effect.property, effect.new, None, effect.old,
                verified=False, ms=0.0, title=effect.title, problem=str(error),
            )  # fmt: skip

    async with anyio.create_task_group() as group:
        for at, change in enumerate(plan):
            group.start_soon(back, at, change.effect)
    return ToolResult(effects=tuple(effect for effect in effects if effect is not None))


async def _plan(desk: Desk) -> list[Change]:
    """The changes of the newest order that nobody has undone, first value of each property, newest first."""
    changes = await desk.changes.recent(LOOK_BACK)
    undone = {c.context.origin.removeprefix(MARK) for c in changes if c.context.origin.startswith(MARK)}
    since = time.time() - OLDEST
    plan: dict[tuple[str, str], Change] = {}
    order = ""
    for change in changes:
        context, effect = change.context, change.effect
        if context.origin.startswith(MARK) or context.id in undone or change.at < since:
            continue
        if not _reversible(desk, effect):
            continue
        if order and context.id != order:
            break
        order = context.id
        plan[effect.thing, effect.property] = change  # the oldest of them holds the value from before
    return list(plan.values())


def _reversible(desk: Desk, effect: Effect) -> bool:
    thing = desk.registry.things.get(effect.thing)
    prop = thing.properties.get(effect.property) if thing else None
    return prop is not None and not prop.read_only and effect.old is not None and effect.old != effect.new


async def judge(desk: Desk, arguments: JsonObject) -> Stakes:  # noqa: ARG001 - the signature of a judge
    """As risky as the values it would put back."""
    plan = await _plan(desk)
    return of_writes(desk, ((c.effect.thing, c.effect.property, c.effect.old) for c in plan))


TOOL = Tool(undo, Risk.HARMLESS, judge)
