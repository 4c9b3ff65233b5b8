"""The store: one open database and a repository for each kind of value."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from claw.store.adapters import Adapters
from claw.store.changes import Changes
from claw.store.database import Database
from claw.store.documents import Areas, Devices, Things
from claw.store.meta import Meta
from claw.store.pairing import Pairing
from claw.store.postgres import open_postgres
from claw.store.principals import Principals
from claw.store.revisions import LINEAGE, Lineage
from claw.store.secrets import Secrets
from claw.store.sqlite import open_sqlite
from claw.store.tokens import Tokens
from claw.store.url import locate


class Store:
    """Everything that outlives the process. A method that has returned has written; reopening finds it."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.devices = Devices(database)
        self.things = Things(database)
        self.areas = Areas(database)
        self.adapters = Adapters(database)
        self.secrets = Secrets(database)
        self.principals = Principals(database)
        self.tokens = Tokens(database, self.principals)
        self.pairing = Pairing(database, self.tokens)
        self.changes = Changes(database)
        self.meta = Meta(database)

    @classmethod
    async def open(cls, url: str, *, lineage: Lineage = LINEAGE) -> Store:
        """Open, make or migrate the database at `url`.

        Raises SettingsError for a URL that makes no sense, StoreLocked, StoreFull, StoreTooNew, StoreCorrupt, or
        StoreError when it cannot be reached or written; then the database is as it was.
        """
        where = locate(url)
        if where.file is not None:
            database = await open_sqlite(where, where.file, lineage)
        else:
            database = await open_postgres(where, lineage)
        store = cls(database)
        try:
            await store.principals.load()
            await store.tokens.load()
            await store.secrets.load()
        except BaseException:
            await store.aclose()
            raise
        return store

    async def aclose(self) -> None:
        """Close the database and let the next daemon in."""
        await self.database.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
