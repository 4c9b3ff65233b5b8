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
    property, old, new, verified, origin (who or which rule), said (their words, if known) and at (Unix seconds).
    """
    limit = min(max(limit, 1), LIMIT)
    changes: list[Change] = []
    for thing in dict.fromkeys(things or ()):
        changes.extend(await desk.changes.recent(limit, thing))
    if not things:
        changes.extend(await desk.changes.recent(limit))
    changes.sort(key=lambda change: -change.at)
    said = {id_: await _said(desk, id_) for id_ in {change.context.id for change in changes}}
    return ToolResult(data=[_shown(change, said[change.context.id]) for change in changes])


async def _said(desk: Desk, context_id: str) -> str:
    """The nearest words in the chain of causes."""
    return next((cause.detail for cause in await desk.changes.why(context_id) if cause.detail), "")


def _shown(change: Change, said: str) -> dict[str, JsonValue]:
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
        "said": said,
        "at": change.at,
    }


TOOL = Tool(why, Risk.READ, constant(Risk.READ))
