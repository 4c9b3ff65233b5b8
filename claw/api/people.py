"""Tokens and the journal."""

from collections.abc import Sequence
from typing import Annotated, Protocol

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field, JsonValue

from claw.api.gate import Gate, require_owner
from claw.api.replies import plain
from claw.model.principal import Principal, Role

CODE_SECONDS = 15 * 60.0


class Tokens(Protocol):
    """What these routes need of the store."""

    async def create(self, name: str, role: Role) -> str:
        """Make a token; it is shown once."""
        ...

    async def revoke(self, name: str) -> None:
        """Make a token worthless. Raises NotFound."""
        ...

    async def all(self) -> Sequence[Principal]:
        """Whom the tokens stand for."""
        ...


class Pairing(Protocol):
    """Where pairing codes come from."""

    async def create(self, ttl: float, *, role: Role) -> str:
        """A one-time code, good for `ttl` seconds."""
        ...


class Changes(Protocol):
    """The journal of effects."""

    async def recent(self, limit: int, thing: str | None = None) -> Sequence[object]:
        """The last changes, newest first."""
        ...


class TokenIn(BaseModel):
    """Whose token, and what it may do."""

    name: str = Field(min_length=1, max_length=64)
    role: Role = Role.ADULT


class TokenOut(BaseModel):
    """The token itself; shown once."""

    token: str


class CodeIn(BaseModel):
    """What the browser or phone that pairs with the code may do."""

    role: Role = Role.ADULT


class CodeOut(BaseModel):
    """A one-time pairing code and how long it is good for."""

    code: str
    seconds: float


class TokenName(BaseModel):
    """A token without its secret."""

    name: str
    role: Role


def router(gate: Gate, tokens: Tokens, pairing: Pairing, changes: Changes) -> APIRouter:
    """Token and journal routes."""
    routes = APIRouter(prefix="/api/v1", tags=["people"])
    Who = Annotated[Principal, Depends(gate)]  # noqa: N806 - a type

    @routes.post("/tokens", status_code=201)
    async def create(body: TokenIn, principal: Who) -> TokenOut:
        """Make a token."""
        require_owner(principal)
        return TokenOut(token=await tokens.create(body.name, body.role))

    @routes.get("/tokens")
    async def listing(principal: Who) -> list[TokenName]:
        """List the tokens' names and roles."""
        require_owner(principal)
        return [TokenName(name=p.name, role=p.role) for p in await tokens.all()]

    @routes.delete("/tokens/{name}", status_code=204)
    async def revoke(name: str, principal: Who) -> None:
        """Make a token worthless."""
        require_owner(principal)
        await tokens.revoke(name)

    @routes.post("/pairing-codes", status_code=201)
    async def code(body: CodeIn, principal: Who) -> CodeOut:
        """Make a one-time pairing code for another browser or phone."""
        require_owner(principal)
        return CodeOut(code=await pairing.create(CODE_SECONDS, role=body.role), seconds=CODE_SECONDS)

    @routes.get("/changes")
    async def journal(
        _: Who, limit: Annotated[int, Query(ge=1, le=500)] = 50, thing: str | None = None
    ) -> list[JsonValue]:
        """What changed lately, by whom or by which rule, newest first."""
        return [plain(change) for change in await changes.recent(limit, thing)]

    return routes
