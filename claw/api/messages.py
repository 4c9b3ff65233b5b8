"""A text in, a true answer out."""

from typing import Annotated, Protocol

from fastapi import APIRouter, Depends

from claw.api.gate import Gate, require_owner
from claw.api.shapes import MessageIn, ReplyOut
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


def router(gate: Gate, conversation: Conversation, household: Household) -> APIRouter:
    """The message route."""
    routes = APIRouter(prefix="/api/v1", tags=["messages"])

    @routes.post("/messages")
    async def messages(message: MessageIn, principal: Annotated[Principal, Depends(gate)]) -> ReplyOut:
        """Send one message as the token's principal."""
        if len(message.text) > MAX_TEXT:
            raise UsageError(f"This message has {len(message.text)} characters; I read up to {MAX_TEXT}.")
        if message.as_:
            principal = await speak_as(message.as_, principal)
        reply = await conversation.handle(message.text, principal, Context.new(f"text:{principal.name}"))
        return ReplyOut.of(reply)

    async def speak_as(name: str, principal: Principal) -> Principal:
        require_owner(principal)
        member = await household.find(name)
        if member is None:
            raise NotFound(f"Nobody in the household is called {name!r}.")
        return member

    return routes
