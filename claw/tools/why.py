"""Why something is as it is, from the journal."""

from __future__ import annotations

from pydantic import JsonValue

from claw.model.affordance import Risk
from claw.model.change import Change
from claw.tools.ports import Desk
from claw.tools.tool import Caller, Tool, ToolResult, constant

LIMIT = 20


async def why(desk: Desk, caller: Caller, things: list[str] | None = None, limit: int = 1) -> ToolResult:  # noqa: ARG001
    """Say what last changed things, and because of whom.

    things: ids, or nothing for the house. limit: changes per thing. Data: a list, newest first, of thing, title,
    property, old, new, verified, origin (who or which rule) and at (Unix seconds).
    """
    limit = min(max(limit, 1), LIMIT)
    changes: list[Change] = []
    for thing in dict.fromkeys(things or ()):
        changes.extend(await desk.changes.recent(limit, thing))
    if not things:
        changes.extend(await desk.changes.recent(limit))
    changes.sort(key=lambda change: -change.at)
    return ToolResult(data=[_shown(change) for change in changes])


def _shown(change: Change) -> dict[str, JsonValue]:
    effect = change.effect
    old: JsonValue = effect.old  # type: ignore[assignment]  # JSON, with read-only containers
    new: JsonValue = effect.new  # type: ignore[assignment]  # as above
    return {
        "thing": effect.thing,
        "title": effect.title,
        "property": effect.property,
        "old": old,
        "new": new,
        "verified": effect.verified,
        "origin": change.context.origin,
        "at": change.at,
    }


TOOL = Tool(why, Risk.READ, constant(Risk.READ))
