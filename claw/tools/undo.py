"""Put back what the last order changed."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import replace

import anyio

from claw.errors import ClawError, InvalidValue, NotFound
from claw.model.affordance import Risk
from claw.model.change import Change
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.json import Json, JsonObject
from claw.tools.ports import Desk
from claw.tools.stakes import Write, of_writes
from claw.tools.tool import Caller, Stakes, Tool, ToolResult

LOOK_BACK = 200  # journal entries
OLDEST = 24 * 3600.0  # seconds; nobody means yesterday's order
NOT_ORDERS = frozenset({"undo", "adopt", "verify", "demo", "discovery", "poll", "device"})
MARK = "undo:"  # origin of what an undo did, with the id of the context that it undid


async def undo(desk: Desk, caller: Caller, order: str = "") -> ToolResult:
    """Undo the last order: every property it changed goes back to what it was before.

    order: what the question named, once a person has said yes to it; any other order is then left as it is.
    """
    plan = await _plan(desk)
    if order and (not plan or order != _pin(plan)):
        raise InvalidValue("Something else happened since; say undo again.")
    if not plan:
        raise NotFound("The last order left nothing that I can put back.")
    if (
        not order and (await _stakes(desk, plan)).asks
    ):  # a yes is to one order, never to whatever is the last one by then
        raise InvalidValue(
            "This undo needs a yes to the very order it puts back; ask for it again, and name that order."
        )
    context = caller.context.child(f"{MARK}{plan[0].context.id}")
    effects: dict[int, Effect] = {}

    async def back(thing: str) -> None:
        # one after the other, newest first: a lamp takes its brightness back while it is still on
        for at, change in enumerate(plan):
            if change.effect.thing == thing:
                effects[at] = await _back(desk, change.effect, context, confirmed=caller.confirmed)

    async with anyio.create_task_group() as group:
        for thing in dict.fromkeys(change.effect.thing for change in plan):
            group.start_soon(back, thing)
    return ToolResult(effects=tuple(effects[at] for at in range(len(plan))))


async def _back(desk: Desk, effect: Effect, context: Context, *, confirmed: bool) -> Effect:
    try:
        return await desk.things.get(effect.thing).write(effect.property, effect.old, context, confirmed=confirmed)
    except ClawError as error:
        return replace(effect, old=effect.new, new=None, asked=effect.old, verified=False, problem=str(error))


async def _plan(desk: Desk) -> list[Change]:
    """The changes of the newest order that nobody has undone, first value of each property, newest first."""
    changes = await desk.changes.recent(LOOK_BACK)
    undone = {c.context.origin.removeprefix(MARK) for c in changes if c.context.origin.startswith(MARK)}
    since = time.time() - OLDEST
    orders = [c for c in changes if _ordered(c) and c.context.id not in undone and c.at >= since]
    last = [c for c in orders if c.context.id == orders[0].context.id]
    return _net([c for c in last if _reversible(desk, c.effect)])


def _ordered(change: Change) -> bool:
    """Whether somebody or some rule wanted it; what proving a device did has been put back already."""
    return change.context.origin.partition(":")[0] not in NOT_ORDERS


def _net(changes: list[Change]) -> list[Change]:
    """Per property the oldest change, which holds the value from before; none where the order ended as it began."""
    newest = {(c.effect.thing, c.effect.property): c.effect.new for c in reversed(changes)}
    oldest = {(c.effect.thing, c.effect.property): c for c in changes}
    return [change for key, change in oldest.items() if change.effect.old != newest[key]]


def _reversible(desk: Desk, effect: Effect) -> bool:
    thing = desk.registry.things.get(effect.thing)
    prop = thing.properties.get(effect.property) if thing else None
    return prop is not None and not prop.read_only and effect.old is not None


def _pin(plan: Sequence[Change]) -> str:
    """One plan in a word: the order it undoes, and a digest of what it would write."""
    digest = hashlib.sha256(json.dumps(_writes(plan), sort_keys=True).encode()).hexdigest()
    return f"{plan[0].context.id}-{digest[:8]}"


def _writes(plan: Sequence[Change]) -> list[Json]:
    return [{"thing": c.effect.thing, "property": c.effect.property, "value": c.effect.old} for c in plan]


async def _stakes(desk: Desk, plan: Sequence[Change]) -> Stakes:
    stakes = await of_writes(desk, (Write(c.effect.thing, c.effect.property, c.effect.old) for c in plan))
    return replace(stakes, plan={"order": _pin(plan), "writes": _writes(plan)}) if plan else stakes


async def judge(desk: Desk, arguments: JsonObject) -> Stakes:  # noqa: ARG001 - the signature of a judge
    """As risky as the values it would put back."""
    return await _stakes(desk, await _plan(desk))


TOOL = Tool(undo, Risk.HARMLESS, judge)
