"""Runs the calls that commands come to, and asks first where a yes is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import anyio

from claw.brains.asking import action, sentence
from claw.brains.confirm import LIFETIME, Confirmations, Pending
from claw.brains.plan import Step, joined, plan
from claw.brains.wording import Wording, listed
from claw.errors import ClawError, InvalidValue
from claw.model.affordance import Risk
from claw.model.effect import Effect
from claw.model.intent import Command
from claw.model.json import Json
from claw.tools.ports import Readings, Registry
from claw.tools.toolbox import Caller, Toolbox, ToolResult

_FOR_PLAYING = frozenset({"pause", "stop", "next", "previous", "increase_volume", "decrease_volume", "set_volume"})
_PLAIN_CODE = ""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of an order: effects, remarks of things that were not tried, and questions."""

    effects: tuple[Effect, ...] = ()
    notes: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()


class Orders:
    """Turns commands into tool calls for one person at a time."""

    def __init__(
        self,
        toolbox: Toolbox,
        registry: Registry,
        readings: Readings,
        waiting: Confirmations,
        clock: Callable[[], float],
    ) -> None:
        self._toolbox = toolbox
        self._registry = registry
        self._readings = readings
        self._waiting = waiting
        self._clock = clock

    def offer(self, person: str, commands: tuple[Command, ...]) -> None:
        """Let a plain yes mean these commands."""
        self._waiting.ask(person, Pending("", self._clock() + LIFETIME, commands=commands))

    async def run(self, commands: Sequence[Command], caller: Caller, wording: Wording) -> Ran:
        """Carry out commands: those of different things at once, those of the same things in order."""
        parts: list[Ran] = []
        for batch in _batches(commands):
            steps: list[Step] = []
            for command in batch:
                narrowed = self._playing(command)
                if not narrowed.targets:
                    names = listed([wording.title(t) for t in command.targets[:4]], "or")
                    parts.append(Ran(questions=(wording.phrases.say("which_playing", names=names),)))
                    continue
                things = [self._registry.things[t] for t in narrowed.targets if t in self._registry.things]
                try:
                    steps.extend(plan(narrowed, things, self._registry.house().temperature_unit))
                except InvalidValue as error:
                    parts.append(Ran(notes=(str(error),)))
            parts.append(await self._steps(steps, caller, wording))
        return _merged(parts)

    async def undo(self, caller: Caller, wording: Wording) -> Ran:
        """Put back the last order, after a yes where that is risky."""
        result = await self._toolbox.call("undo", {}, caller)
        if result.needs is None:
            return Ran(result.effects)
        planned: Any = result.data
        steps = joined(Step("set_property", (w["thing"],), w["property"], w["value"]) for w in planned["writes"])
        return Ran(questions=(self._ask(steps, result, caller, wording, undoes=planned["order"]),))

    async def confirmed(self, pending: Pending, caller: Caller, wording: Wording) -> Ran:
        """Run what a person said yes to, if the house is still as it was when they were asked."""
        sure = Caller(caller.principal, caller.context, confirmed=True)
        if pending.undoes:
            return await self._undo_now(pending, sure, wording)
        notes: list[str] = []
        steps: list[Step] = []
        for step in pending.steps:
            things = [
                thing for thing in step.things if await self._unchanged(thing, step, pending, caller, wording, notes)
            ]
            if things:
                steps.append(Step(step.tool, tuple(things), step.name, step.value, step.extra))
        ran = await self._steps(steps, sure, wording)
        return Ran(ran.effects, (*notes, *ran.notes), ran.questions)

    async def _undo_now(self, pending: Pending, sure: Caller, wording: Wording) -> Ran:
        """All of that order or nothing; what has gone back by itself is no reason against it."""
        for step, thing in [(each, thing) for each in pending.steps for thing in each.things]:
            arguments = {"things": [thing], "property": step.name}
            data: Any = (await self._toolbox.call("read_property", arguments, sure)).data
            before, found = pending.seen.get((thing, step.name)), data[thing]["readings"].get(step.name)
            if before is not None and found is not None and found["value"] not in (before, step.value):
                state, words = wording.state(step.name, found["value"]), wording.verbs([thing])
                title = wording.title(thing)
                return Ran(notes=(wording.phrases.say("changed_since", what=title, state=state, **words),))
        try:
            return Ran((await self._toolbox.call("undo", {"order": pending.undoes}, sure)).effects)
        except ClawError as error:
            return Ran(notes=(str(error),))

    async def _steps(self, steps: Sequence[Step], caller: Caller, wording: Wording) -> Ran:
        results: list[ToolResult | ClawError | None] = [None] * len(steps)

        async def call(at: int, step: Step) -> None:
            try:
                results[at] = await self._toolbox.call(step.tool, step.arguments, caller)
            except ClawError as error:
                results[at] = error

        if len(steps) == 1:
            await call(0, steps[0])
        else:
            async with anyio.create_task_group() as group:
                for at, step in enumerate(steps):
                    group.start_soon(call, at, step)
        effects: list[Effect] = []
        notes: list[str] = []
        asking: list[tuple[Step, ToolResult]] = []
        for step, result in zip(steps, results, strict=True):
            if isinstance(result, ClawError):
                notes.append(str(result))
            elif result is not None and result.needs is not None:
                asking.append((step, result))
            elif result is not None:
                effects.extend(result.effects)
        return Ran(tuple(effects), tuple(dict.fromkeys(notes)), self._asked(asking, caller, wording))

    def _asked(self, asking: Sequence[tuple[Step, ToolResult]], caller: Caller, wording: Wording) -> tuple[str, ...]:
        """One question for all that wants the same kind of yes."""
        kinds: dict[bool, list[tuple[Step, ToolResult]]] = {}
        for step, result in asking:
            kinds.setdefault(result.needs is Risk.SECURE, []).append((step, result))
        return tuple(
            self._ask([step for step, _ in group], _joined(group), caller, wording) for group in kinds.values()
        )

    def _ask(
        self, steps: Sequence[Step], result: ToolResult, caller: Caller, wording: Wording, *, undoes: str = ""
    ) -> str:
        say = wording.phrases.say
        secure = result.needs is Risk.SECURE
        code = self._waiting.code() if secure else _PLAIN_CODE
        what = f"undo: {action(steps, wording)}" if undoes else action(steps, wording)
        seen = {(t, s.name): self._value(t, s.name) for s in steps for t in s.things}
        until = self._clock() + LIFETIME
        pending = Pending(what, until, tuple(steps), code=code, seen=seen, undoes=undoes)
        self._waiting.ask(caller.principal.id, pending)
        if secure:
            return say("confirm", action=sentence(what), code=code)
        if result.unproved:
            things = listed([wording.the(thing) for thing in result.unproved])
            told = say("try_unproved", what=things, **wording.verbs(result.unproved))
            return f"{sentence(what)}? {told}" if undoes else told
        return say("confirm_plain", action=sentence(what))

    async def _unchanged(  # noqa: PLR0917 - one check, all it needs
        self, thing: str, step: Step, pending: Pending, caller: Caller, wording: Wording, notes: list[str]
    ) -> bool:
        if step.tool != "set_property":
            return True
        arguments = {"things": [thing], "property": step.name}
        result = await self._toolbox.call("read_property", arguments, caller)
        data: Any = result.data
        answer = data[thing]
        say, words = wording.phrases.say, wording.verbs([thing])
        before = pending.seen.get((thing, step.name))
        silent = step.name not in answer["readings"]
        if silent and before is None and (answer["answered"] or pending.code == _PLAIN_CODE):
            # it was unknown when the question was put, and is still (MQTT keeps no state, a pool that rests says no
            # set point); the read-back will tell
            return True
        if answer["error"] or step.name not in answer["readings"]:
            notes.append(say("cannot_check", what=wording.the(thing), problem=answer["error"], **words).strip())
            return False
        now = answer["readings"][step.name]["value"]
        state, title = wording.state(step.name, now), wording.title(thing)
        if now == step.value and not step.extra:
            notes.append(say("already", what=title, state=state, **words))
            return False
        if before is not None and now != before:
            notes.append(say("changed_since", what=title, state=state, **words))
            return False
        return True

    def _value(self, thing: str, name: str) -> Json:
        reading = self._readings.get(thing, name)
        return reading.value if reading else None

    def _playing(self, command: Command) -> Command:
        """As in "pause" with no name means what is playing; nobody is asked when only one thing could be meant."""
        if command.scope != "unspecified" or command.action not in _FOR_PLAYING or len(command.targets) < 2:  # noqa: PLR2004
            return command
        playing = tuple(t for t in command.targets if self._value(t, "playback") == "playing")
        return Command(
            command.action, command.domain, (), "device", playing, command.value, command.unit, command.amount
        )


def _joined(group: Sequence[tuple[Step, ToolResult]]) -> ToolResult:
    unproved = tuple(dict.fromkeys(thing for _, result in group for thing in result.unproved))
    return ToolResult(needs=group[0][1].needs, unproved=unproved)


def _batches(commands: Sequence[Command]) -> list[list[Command]]:
    """Commands that touch different things run together."""
    batches: list[list[Command]] = []
    touched: set[str] = set()
    for command in commands:
        if not batches or touched & set(command.targets):
            batches.append([])
            touched = set()
        batches[-1].append(command)
        touched |= set(command.targets)
    return batches


def _merged(parts: Sequence[Ran]) -> Ran:
    return Ran(
        tuple(e for part in parts for e in part.effects),
        tuple(n for part in parts for n in part.notes),
        tuple(q for part in parts for q in part.questions),
    )
