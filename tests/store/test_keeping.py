from __future__ import annotations

from pathlib import Path

import anyio

from claw.model.context import Context
from claw.model.effect import Effect
from claw.store.keeping import KEEP, Keeping
from claw.store.store import Store


def effect(thing: str) -> Effect:
    return Effect(thing, "on_off", old=False, new=True, asked=True, verified=True, ms=1.0)


async def test_what_is_very_old_goes_and_what_is_not_stays(tmp_path: Path) -> None:
    now = 2e9
    async with await Store.open(f"sqlite+aiosqlite:///{tmp_path / 'claw.db'}") as store:
        await store.changes.add(effect("old"), Context.new("test"), now - KEEP - 1)
        await store.changes.add(effect("young"), Context.new("test"), now - KEEP + 1)
        async with anyio.create_task_group() as group:
            await group.start(lambda *, task_status: keeping(store, now).run(task_status=task_status))
            with anyio.fail_after(5):
                while len(await store.changes.recent(10)) > 1:
                    await anyio.lowlevel.checkpoint()
            group.cancel_scope.cancel()
        assert [change.effect.thing for change in await store.changes.recent(10)] == ["young"]


def keeping(store: Store, now: float) -> Keeping:
    return Keeping(store.changes, every=0.001, clock=lambda: now)
