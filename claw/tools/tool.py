"""What a tool is: a typed function, and a judgement of how risky one call of it would be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from claw.model.affordance import Risk
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.json import Json, JsonObject
from claw.model.principal import Principal
from claw.tools.ports import Desk


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks, because of what. `confirmed`: a person has said yes to exactly this call."""

    principal: Principal
    context: Context
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What came of a call. With `needs`, nothing ran: it wants a confirmation first.

    `unproved`: the things for which it does, because nobody has seen them obey yet. `data` then says what the call
    would do, where its arguments do not.
    """

    effects: tuple[Effect, ...] = ()
    data: Json = None
    needs: Risk | None = None
    unproved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stakes:
    """What one call may do. `unproved`: things below level 5; `wary`: wants a yes although its risk is low.

    `plan`: what it would do, for the person who is asked, where its arguments do not say.
    """

    risk: Risk
    unproved: tuple[str, ...] = ()
    wary: bool = False
    plan: Json = None

    @property
    def asks(self) -> bool:
        """Whether a person has to say yes first."""
        return self.risk is Risk.SECURE or bool(self.unproved) or self.wary


Run = Callable[..., Awaitable[ToolResult]]
Judge = Callable[[Desk, JsonObject], Awaitable[Stakes]]


@dataclass(frozen=True, slots=True)
class Tool:
    """`run(desk, caller, **arguments)`, its docstring and types the schema; `risk`: the least it carries."""

    run: Run
    risk: Risk
    judge: Judge

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.run.__name__


def constant(risk: Risk) -> Judge:
    """Every call is as risky as any other."""

    async def judge(desk: Desk, arguments: JsonObject) -> Stakes:  # noqa: ARG001 - a judge
        return Stakes(risk)

    return judge
