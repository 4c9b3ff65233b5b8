"""Bearer tokens: 32 random bytes, shown once, kept as SHA-256 (they need no slow hash: nobody can guess 256 bits)."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select

from claw.errors import NotFound, UsageError
from claw.model.principal import Principal, Role
from claw.store.database import Database
from claw.store.names import clean
from claw.store.principals import Principals
from claw.store.tables import tokens
from claw.store.values import restore

PREFIX = "claw_"
RANDOM_BYTES = 32
LENGTH = len(PREFIX) + 43  # 32 bytes in base64 without padding
STRENGTH = (Role.GUEST, Role.ADULT, Role.OWNER)


@dataclass(frozen=True, slots=True)
class Issued:
    """What is kept of a token. With `principal` it speaks as that person, with the weaker of the two roles."""

    name: str
    digest: str
    role: Role
    principal: str | None = None


class Tokens:
    """All tokens by digest, in memory: `check` runs with every request."""

    def __init__(self, database: Database, people: Principals) -> None:
        self._database = database
        self.people = people
        self._issued: dict[str, Issued] = {}
        people.on_delete.append(self._forget_person)

    async def load(self) -> None:
        """Read every digest from the database."""
        query = select(tokens.c.name, tokens.c.digest, tokens.c.role, tokens.c.principal)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        self._issued = {row.digest: restore(Issued, row._asdict(), f"token {row.name!r}") for row in rows}

    async def check(self, token: str) -> Principal | None:
        """Whom a token stands for, or None. What its time tells about the digest is of no use to a guesser."""
        if len(token) != LENGTH:
            return None
        digest = digest_of(token)
        issued = self._issued.get(digest)
        if issued is None or not hmac.compare_digest(issued.digest, digest):
            return None
        return self._speaker(issued)

    def _speaker(self, issued: Issued) -> Principal | None:
        if issued.principal is None:
            return Principal(f"token:{issued.name}", issued.name, issued.role)
        person = self.people.get(issued.principal)
        return person and replace(person, role=min(person.role, issued.role, key=STRENGTH.index))

    async def create(self, name: str, role: Role, principal: str | None = None) -> str:
        """Make a token, shown this once. Raises UsageError when the name is taken, NotFound, InvalidValue."""
        name = clean(name)
        if principal is not None and self.people.get(principal) is None:
            raise NotFound(f"Nobody in the household has the id {principal!r}.")

        def work(connection: Connection) -> tuple[str, Issued]:
            if name in names(connection):
                raise UsageError(f"There is a token called {name!r} already. Revoke it, or choose another name.")
            return issue(connection, name, role, principal)

        token, issued = await self._database.write(work)
        self.admit(issued)
        return token

    def admit(self, issued: Issued) -> None:
        """Accept a token that was written just now."""
        self._issued[issued.digest] = issued

    async def revoke(self, name: str) -> None:
        """Make a token worthless at once. Raises NotFound."""
        statement = delete(tokens).where(tokens.c.name == clean(name)).returning(tokens.c.digest)
        digest = await self._database.write(lambda connection: connection.execute(statement).scalar())
        if digest is None:
            raise NotFound(f"There is no token called {name!r}.")
        self._issued.pop(digest, None)

    async def all(self) -> list[Principal]:
        """The tokens' names and roles, by name; their principals carry the token's name, never the token."""
        ordered = sorted(self._issued.values(), key=lambda issued: issued.name)
        found = ((issued, self._speaker(issued)) for issued in ordered)
        return [replace(speaker, name=issued.name) for issued, speaker in found if speaker is not None]

    def _forget_person(self, id_: str) -> None:
        self._issued = {digest: issued for digest, issued in self._issued.items() if issued.principal != id_}


def digest_of(token: str) -> str:
    """The SHA-256 of a token, in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def names(connection: Connection) -> AbstractSet[str]:
    """Names that are taken."""
    return set(connection.execute(select(tokens.c.name)).scalars())


def issue(connection: Connection, name: str, role: Role, principal: str | None) -> tuple[str, Issued]:
    """Write a new token; `Tokens.admit` it once that is committed."""
    token = PREFIX + secrets.token_urlsafe(RANDOM_BYTES)
    issued = Issued(name, digest_of(token), role, principal)
    row = {"name": name, "digest": issued.digest, "role": role.value, "principal": principal, "at": time.time()}
    connection.execute(insert(tokens).values(row))
    return token, issued
