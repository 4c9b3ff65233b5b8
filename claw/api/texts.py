"""A text in, a true answer out: what the message route does, for whoever serves it."""

from __future__ import annotations

from typing import Protocol

from claw.api.gate import require_owner
from claw.api.replies import MessageIn, ReplyOut
from claw.brains.conversation import Conversation
from claw.errors import NotFound, UsageError
from claw.model.context import Context
from claw.model.principal import Principal

MAX_TEXT = 4096  # what WhatsApp carries at most


class Household(Protocol):
    """What messages need of the store."""

    async def find(self, name: str) -> Principal | None:
        """A member of the household by name."""
        ...


class Texts:
    """Answers texts."""

    def __init__(self, conversation: Conversation, household: Household) -> None:
        self._conversation = conversation
        self._household = household

    async def answer(self, message: MessageIn, principal: Principal) -> ReplyOut:
        """Answer one message of `principal`, or of whom it names. Raises UsageError, NotFound and Forbidden."""
        if len(message.text) > MAX_TEXT:
            raise UsageError(f"This message has {len(message.text)} characters; I read up to {MAX_TEXT}.")
        if message.as_:
            principal = await self._speak_as(message.as_, principal)
        reply = await self._conversation.handle(message.text, principal, Context.new(f"text:{principal.name}"))
        return ReplyOut.of(reply)

    async def _speak_as(self, name: str, principal: Principal) -> Principal:
        require_owner(principal)
        member = await self._household.find(name)
        if member is None:
            raise NotFound(f"Nobody in the household is called {name!r}.")
        return member
