from __future__ import annotations

from dataclasses import replace

import anyio
import anyio.lowlevel
import pytest

from claw.errors import InvalidValue, NotFound
from claw.model.thing import Area
from claw.store import Store
from tests.store import samples


async def test_many_at_once(store: Store) -> None:
    async def work(n: int) -> None:
        area = Area(f"area-{n:02}", f"Area {n}")
        await store.areas.save(area)
        assert area in await store.areas.all()

    async with anyio.create_task_group() as tasks:
        for n in range(30):
            tasks.start_soon(work, n)
    assert len(await store.areas.all()) == 30


@pytest.mark.parametrize("steps", [0, 1, 2, 3, 5, 8])
async def test_a_cancelled_write_happens_or_does_not_and_the_store_goes_on(store: Store, steps: int) -> None:
    pair = [replace(samples.LAMP, id="one"), replace(samples.LAMP, id="two")]
    async with anyio.create_task_group() as tasks:
        for _ in range(6):
            tasks.start_soon(store.things.save, *pair)
        for _ in range(steps):
            await anyio.lowlevel.checkpoint()
        tasks.cancel_scope.cancel()
    assert await store.things.all() in ([], pair)
    await store.things.save(*pair)
    assert await store.things.all() == pair


async def test_work_that_raises_leaves_nothing_behind(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.adapters.rollback("x", 1)
    await store.areas.save(Area("a", "A"))
    assert await store.areas.all() == [Area("a", "A")]


async def test_an_id_that_no_database_can_hold_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue, match="cannot keep"):
        await store.areas.save(Area("\ud800", "A"))
    assert await store.areas.all() == []
