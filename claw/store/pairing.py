"""One-time codes that a person reads out: how the first browser or phone gets its token."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from itertools import count

from sqlalchemy import Connection, delete, or_, update

from claw.errors import NotFound, Unauthorized
from claw.model.principal import Role
from claw.store.database import Database
from claw.store.names import MAX_NAME, clean
from claw.store.tables import pairing_codes as codes
from claw.store.tokens import Issued, Tokens, issue, names
from claw.store.upsert import upsert
from claw.store.values import restore

DIGITS = 8
MAX_WRONG = 5  # guesses; a wrong one counts against every code that is valid, as it names none
REFUSED = "This code is wrong, was used already, or is too old. Ask for a new one: 'claw token pair'."


class Pairing:
    """Codes survive a restart, and so do the guesses made at them."""

    def __init__(self, database: Database, tokens: Tokens, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._tokens = tokens
        self._clock = clock

    async def create(self, ttl: float, *, role: Role, principal: str | None = None) -> str:
        """A code as `1234-5678`, valid for `ttl` seconds and one token. Raises NotFound."""
        if principal is not None and self._tokens.people.get(principal) is None:
            raise NotFound(f"Nobody in the household has the id {principal!r}.")
        digits = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        expires = self._clock() + ttl
        row = {"digest": _digest(digits), "role": role.value, "principal": principal, "expires": expires, "wrong": 0}

        def work(connection: Connection) -> None:
            self._sweep(connection)
            upsert(connection, codes, row)

        await self._database.write(work)
        return f"{digits[:4]}-{digits[4:]}"

    async def redeem(self, code: str, name: str) -> str:
        """A new token called `name` (`name 2` when that is taken). Raises Unauthorized, InvalidValue."""
        name = clean(name)
        digest = _digest(code)

        def work(connection: Connection) -> tuple[str, Issued] | None:
            self._sweep(connection)
            taken = delete(codes).where(codes.c.digest == digest).returning(codes.c.role, codes.c.principal)
            if (row := connection.execute(taken).first()) is None:
                connection.execute(update(codes).values(wrong=codes.c.wrong + 1))
                return None
            return issue(connection, _free(name, connection), restore(Role, row.role, "pairing code"), row.principal)

        made = await self._database.write(work)
        if made is None:
            raise Unauthorized(REFUSED)
        token, issued = made
        self._tokens.admit(issued)
        return token

    def _sweep(self, connection: Connection) -> None:
        void = or_(codes.c.expires <= self._clock(), codes.c.wrong >= MAX_WRONG)
        connection.execute(delete(codes).where(void))


def _digest(code: str) -> str:
    digits = re.sub(r"[\s-]", "", code)
    return hashlib.sha256(digits.encode("utf-8", "surrogatepass")).hexdigest()


def _free(name: str, connection: Connection) -> str:
    taken = names(connection)
    if name not in taken:
        return name
    numbered = (f"{name[: MAX_NAME - 6]} {number}" for number in count(2))
    return next(candidate for candidate in numbered if candidate not in taken)
