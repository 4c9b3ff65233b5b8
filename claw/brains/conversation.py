"""One message in, one true reply out."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from claw.brains.answers import FRESH, Answers, wanted
from claw.brains.confirm import Confirmations, bare_code, no, yes
from claw.brains.findings import findings
from claw.brains.memory import Memory
from claw.brains.orders import Orders, Ran
from claw.brains.reasons import reasons
from claw.brains.reply import Reply, report
from claw.brains.soul import Phrases, phrases
from claw.brains.wording import Wording
from claw.errors import ClawError
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.intent import Command, Intent, Outcome
from claw.model.json import JsonObject
from claw.model.principal import Principal
from claw.tools.ports import Readings, Registry
from claw.tools.toolbox import Caller, Toolbox
from claw.understanding import understand

__all__ = ["Conversation", "Reply"]

SEARCH = 3.0  # seconds to listen to the network for


class Journal(Protocol):
    """Where the words behind a change are kept."""

    async def note(self, context: Context, at: float, detail: str) -> None:
        """Record what was said."""
        ...


class Conversation:
    """Speaks with the people of the house. A reply states only what was observed."""

    def __init__(
        self,
        toolbox: Toolbox,
        registry: Registry,
        readings: Readings,
        *,
        journal: Journal | None = None,
        voice: Phrases | None = None,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` dates what is told; `steady` bounds what waits, because a wall clock may jump."""
        self._toolbox = toolbox
        self._registry = registry
        self._clock = clock
        self._journal = journal
        self._voice = voice or phrases()
        self._waiting = Confirmations(steady)
        self._memory = Memory(steady)
        self._orders = Orders(toolbox, registry, readings, self._waiting, steady)

    def prepare(self) -> None:
        """Do now what the first text would wait for: the index of names is made with the first that is understood."""
        understand("hello", self._registry.house())

    async def handle(self, text: str, principal: Principal, context: Context) -> Reply:
        """Answer one message, and remember what was said if it changed anything."""
        before = self._waiting.waiting(principal.id) if self._code(text, principal.id) is not None else []
        reply = await self._handle(text, principal, context)
        left = self._waiting.waiting(principal.id)
        said = next((one.said for one in before if one.said and one not in left), text)
        self._waiting.attribute(principal.id, said)
        if reply.effects and self._journal is not None:
            await self._journal.note(context, self._clock(), said)
        return reply

    async def _handle(self, text: str, principal: Principal, context: Context) -> Reply:
        """Answer one message. Never raises a ClawError: its one line is the reply."""
        caller = Caller(principal, context)
        wording = self._wording()
        try:
            if (code := self._code(text, principal.id)) is not None:
                return await self._yes(code, caller, wording)
            if no(text):
                dropped = self._waiting.drop(principal.id)
                return Reply(self._voice.say("dropped" if dropped else "nothing_dropped"))
            intent = understand(text, self._registry.house(), referents=self._memory.recall(principal.id))
            return await self._mean(intent, caller, wording)
        except ClawError as error:
            return Reply(self._voice.say("forbidden", problem=str(error)))

    def _code(self, text: str, person: str) -> str | None:
        """The code of a yes (empty for a plain one); None when the text is no yes."""
        if any(one.code for one in self._waiting.waiting(person)) and (code := bare_code(text)) is not None:
            return code
        return yes(text)

    def _wording(self) -> Wording:
        unit = self._registry.house().temperature_unit
        return Wording(self._voice, self._registry.things, self._registry.areas, unit)

    async def _mean(self, intent: Intent, caller: Caller, wording: Wording) -> Reply:
        person = caller.principal.id
        if intent.outcome is Outcome.CLARIFY:
            self._waiting.drop(person, coded=False)
            if intent.commands:
                self._orders.offer(person, intent.commands)
            return Reply(intent.question or self._voice.say("unclear"), (intent,), asked=True)
        self._waiting.drop(person, coded=False)  # a new subject: an open plain question is no longer meant
        if intent.outcome is Outcome.ACT:
            return await self._act(intent, intent.commands, caller, wording)
        if intent.outcome is Outcome.QUERY:
            answers = [await self._answer(command, caller, wording) for command in intent.commands]
            self._memory.keep(person, intent.commands)
            return Reply(" ".join(answers), (intent,))
        if intent.outcome is Outcome.UNDO:
            return self._told(await self._orders.undo(caller, wording), (intent,), wording, undo=True)
        negated = intent.reason == "negation"
        return Reply(self._voice.say("negation" if negated else "not_understood"), (intent,))

    async def _act(self, intent: Intent, commands: Sequence[Command], caller: Caller, wording: Wording) -> Reply:
        self._memory.keep(caller.principal.id, commands)
        return self._told(await self._orders.run(commands, caller, wording), (intent,), wording)

    async def _yes(self, code: str, caller: Caller, wording: Wording) -> Reply:
        person = caller.principal.id
        pending = self._waiting.take(person, code)
        if pending is None:
            return self._no_such(code, person)
        if pending.commands:
            return await self._act(Intent(Outcome.ACT, pending.commands), pending.commands, caller, wording)
        return self._told(await self._orders.confirmed(pending, caller, wording), (), wording)

    def _no_such(self, code: str, person: str) -> Reply:
        waiting = self._waiting.waiting(person)
        if code or not waiting:
            return Reply(self._voice.say("wrong_code" if code else "no_pending"), asked=bool(waiting))
        choices = " ".join(self._voice.say("choice", code=one.code, action=one.action) for one in waiting)
        if len(waiting) == 1:
            return Reply(self._voice.say("say_code", choice=choices), asked=True)
        return Reply(self._voice.say("which_yes", choices=choices), asked=True)

    def _told(self, ran: Ran, intents: tuple[Intent, ...], wording: Wording, *, undo: bool = False) -> Reply:
        told = report(ran.effects, wording, self._registry.things)
        if undo and told:
            told = self._voice.say("undone" if _all_proved(ran.effects) else "undone_partly", effects=told)
        text = " ".join(filter(None, (told, *ran.notes, *ran.questions)))
        return Reply(text or self._voice.say("unclear"), intents, ran.effects, asked=bool(ran.questions))

    async def _answer(self, command: Command, caller: Caller, wording: Wording) -> str:
        if command.action == "find_devices":
            result = await self._toolbox.call("find_devices", {"name": command.text, "seconds": SEARCH}, caller)
            return findings(command.text, result.data, self._voice)
        if command.action == "why":
            result = await self._toolbox.call("why", {"things": list(command.targets)}, caller)
            return reasons(command, result.data, wording, self._clock())
        arguments: JsonObject = {
            "things": list(command.targets),
            "property": wanted(command, self._registry.things),
            "max_age": FRESH,
        }
        result = await self._toolbox.call("read_property", arguments, caller)
        return Answers(wording, self._registry.things, self._clock()).answer(command, result.data)


def _all_proved(effects: Sequence[Effect]) -> bool:
    return bool(effects) and all(effect.verified for effect in effects)
