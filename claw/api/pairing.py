"""A one-time code becomes a token: how a browser or a phone gets in."""

from typing import Protocol

from fastapi import APIRouter
from pydantic import BaseModel, Field


class Pairing(Protocol):
    """What pairing needs of the store."""

    async def redeem(self, code: str, name: str) -> str:
        """A token for a code. Raises Unauthorized."""
        ...


class PairIn(BaseModel):
    """The code that `claw up` printed, and what to call this browser or phone."""

    code: str = Field(max_length=32)
    name: str = Field(default="browser", max_length=64)


class PairOut(BaseModel):
    """The token; it is shown once."""

    token: str


def router(pairing: Pairing) -> APIRouter:
    """The pairing route; the only one that gives access without a token."""
    routes = APIRouter(prefix="/api/v1", tags=["pairing"])

    @routes.post("/pair")
    async def pair(body: PairIn) -> PairOut:
        """Trade a one-time code for a token."""
        return PairOut(token=await pairing.redeem(body.code, body.name))

    return routes
