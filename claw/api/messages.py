"""The message route, as the reference tells of it; the door answers most texts before they come here."""

from typing import Annotated

from fastapi import APIRouter, Depends

from claw.api.gate import Gate
from claw.api.replies import MessageIn, ReplyOut
from claw.api.texts import Texts
from claw.model.principal import Principal


def router(gate: Gate, texts: Texts) -> APIRouter:
    """The message route."""
    routes = APIRouter(prefix="/api/v1", tags=["messages"])

    @routes.post("/messages")
    async def messages(message: MessageIn, principal: Annotated[Principal, Depends(gate)]) -> ReplyOut:
        """Send one message as the token's principal."""
        return await texts.answer(message, principal)

    return routes
