"""kill -9 at any moment: what was acknowledged is there, and the database is whole."""

from __future__ import annotations

import secrets
import signal

from sqlalchemy import text

from claw.store import Store
from tests.store.processes import child

ROUNDS = 4
ACKNOWLEDGED = 60  # at most, before the kill


async def test_every_acknowledged_write_survives(url: str) -> None:
    acknowledged: list[str] = []
    for _ in range(ROUNDS):
        async with child("write", url) as writer:
            for _ in range(1 + secrets.randbelow(ACKNOWLEDGED)):
                line = await writer.line()
                assert line
                acknowledged.append(line)
            writer.process.send_signal(signal.SIGKILL)
            acknowledged += await writer.rest()
        async with await Store.open(url) as store:
            await check(store, acknowledged)
    assert len(acknowledged) >= ROUNDS


async def check(store: Store, acknowledged: list[str]) -> None:
    things = {thing.id for thing in await store.things.all()}
    changes = {change.effect.new for change in await store.changes.recent(100_000)}
    for line in acknowledged:
        kind, key, *revision = line.split()
        match kind:
            case "thing":
                assert key in things
            case "secret":
                assert await store.secrets.get(key) == f"value of {key.removeprefix('ref-')}"
            case "change":
                assert key in changes
            case "adapter":
                assert int(revision[0]) in {kept.revision for kept in await store.adapters.history(key)}
            case _:
                raise AssertionError(line)
    if store.database.engine.dialect.name == "sqlite":
        whole = await store.database.read(lambda connection: connection.execute(text("PRAGMA integrity_check")).all())
        assert whole == [("ok",)]
