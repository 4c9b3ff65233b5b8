"""Run an action of one or many things."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from claw.model.affordance import Risk
from claw.model.effect import Effect
from claw.model.json import JsonObject
from claw.tools.ports import Desk
from claw.tools.stakes import known, proved
from claw.tools.together import together
from claw.tools.tool import Caller, Stakes, Tool, ToolResult

UNSEEN = "It gives no way to check."


async def invoke_action(
    desk: Desk, caller: Caller, things: list[str], action: str, arguments: dict[str, JsonValue] | None = None
) -> ToolResult:
    """Run an action of things (play, pause, next, stop ...) and look at what it changed.

    things: ids. action: its name. arguments: what the action takes, by name.
    """

    async def one(thing: str) -> tuple[Effect, ...]:
        driven = desk.things.get(thing)
        effect = await driven.invoke(action, arguments or {}, caller.context, confirmed=caller.confirmed)
        if effect is not None:
            return (effect,)
        title = desk.registry.things[thing].title
        return (Effect(thing, action, None, None, action, verified=False, ms=0.0, title=title, problem=UNSEEN),)

    return ToolResult(effects=await together(desk, things, action, action, one))


async def judge(desk: Desk, arguments: JsonObject) -> Stakes:
    """The highest risk of the action on any of the things."""
    ids: Any = arguments["things"]
    things = known(desk, ids)
    name = str(arguments["action"])
    risks = [thing.actions[name].risk for thing in things if name in thing.actions]
    return Stakes(max([Risk.HARMLESS, *risks]), proved(things))


TOOL = Tool(invoke_action, Risk.HARMLESS, judge)
