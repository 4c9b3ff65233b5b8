"""The household: who may speak to the house, and from which addresses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Connection, delete, insert, select

from claw.errors import UsageError
from claw.model.principal import Principal
from claw.store.database import Database
from claw.store.names import clean
from claw.store.tables import addresses, principals
from claw.store.upsert import upsert
from claw.store.values import restore


class Principals:
    """A handful of people, so they are kept in memory too: every message asks for one by address."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._people: dict[str, Principal] = {}
        self._by_address: dict[str, str] = {}
        self.on_delete: list[Callable[[str], None]] = []

    async def load(self) -> None:
        """Read everybody from the database."""

        def work(connection: Connection) -> list[Principal]:
            known: dict[str, list[str]] = {}
            query = select(addresses.c.principal, addresses.c.address)
            for id_, address in connection.execute(query.order_by(addresses.c.principal, addresses.c.position)):
                known.setdefault(id_, []).append(address)
            people = connection.execute(select(principals.c.id, principals.c.name, principals.c.role))
            rows = [
                {"id": id_, "name": name, "role": role, "addresses": known.get(id_, [])} for id_, name, role in people
            ]
            return [restore(Principal, row, f"person {row['name']!r}") for row in rows]

        self._people = {person.id: person for person in await self._database.read(work)}
        self._index()

    def _index(self) -> None:
        self._by_address = {address: person.id for person in self._people.values() for address in person.addresses}

    async def all(self) -> list[Principal]:
        """Everybody, by id."""
        return [self._people[id_] for id_ in sorted(self._people)]

    def get(self, id_: str) -> Principal | None:
        """Somebody by id."""
        return self._people.get(id_)

    async def find(self, name: str) -> Principal | None:
        """Somebody by name, without regard to case; None when nobody or more than one has it."""
        wanted = name.strip().casefold()
        found = [person for person in self._people.values() if person.name.casefold() == wanted]
        return found[0] if len(found) == 1 else None

    async def by_address(self, address: str) -> Principal | None:
        """Whose address (`channel:address`) this is."""
        return self._people.get(self._by_address.get(address, ""))

    async def save(self, principal: Principal) -> None:
        """Keep or replace a person. Raises UsageError for an address that somebody else has, InvalidValue."""
        principal = replace(principal, name=clean(principal.name))
        for address in principal.addresses:
            owner = self._by_address.get(address, principal.id)
            if principal.addresses.count(address) > 1:
                raise UsageError(f"{address} is given twice.")
            if owner != principal.id:
                raise UsageError(f"{address} is already the address of {self._people[owner].name}.")

        def work(connection: Connection) -> None:
            upsert(connection, principals, {"id": principal.id, "name": principal.name, "role": principal.role.value})
            connection.execute(delete(addresses).where(addresses.c.principal == principal.id))
            for position, address in enumerate(principal.addresses):
                row = {"address": address, "principal": principal.id, "position": position}
                connection.execute(insert(addresses).values(row))

        await self._database.write(work)
        self._people[principal.id] = principal
        self._index()

    async def delete(self, id_: str) -> None:
        """Forget a person; their tokens and codes go with them. Unknown ids are no error."""

        def work(connection: Connection) -> None:
            connection.execute(delete(principals).where(principals.c.id == id_))

        await self._database.write(work)
        self._people.pop(id_, None)
        self._index()
        for tell in self.on_delete:
            tell(id_)
