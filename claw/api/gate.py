"""Who is asking: bearer tokens to principals."""

from __future__ import annotations

from typing import Protocol

from starlette.requests import HTTPConnection

from claw.errors import Forbidden, Unauthorized
from claw.model.principal import Principal, Role

MISSING = "This needs a token. Make one with 'claw token create NAME', or pair in the browser with the code."


class Tokens(Protocol):
    """What the gate needs of the store."""

    async def check(self, token: str) -> Principal | None:
        """The principal that a token stands for."""
        ...


class Gate:
    """Turns `Authorization: Bearer ...` into a principal."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens

    async def admit(self, token: str) -> Principal:
        """Check a bare token. Raises Unauthorized."""
        principal = await self._tokens.check(token) if token else None
        if principal is None:
            raise Unauthorized("This token is not known here; it may have been revoked." if token else MISSING)
        return principal

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """FastAPI dependency: who sent this request."""
        return await self.admit(bearer(connection))


def bearer(connection: HTTPConnection) -> str:
    """The bearer token of a request, or nothing."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def require_owner(principal: Principal) -> None:
    """Refuse anybody but an owner. Raises Forbidden."""
    if principal.role is not Role.OWNER:
        raise Forbidden(f"Only an owner may do this; {principal.name} is {principal.role}.")
