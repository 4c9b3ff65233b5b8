from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text, update

from claw.errors import InvalidValue, StoreCorrupt
from claw.model.device import Device
from claw.model.thing import Area, Thing
from claw.store import Store, tables
from tests.store import samples


def _unique(values: st.SearchStrategy[Thing]) -> st.SearchStrategy[list[Thing]]:
    return st.lists(values, max_size=3, unique_by=lambda value: value.id)


@samples.LAW
@given(kept=_unique(samples.things))
async def test_things_round_trip(store: Store, kept: list[Thing]) -> None:
    for old in await store.things.all():
        await store.things.delete(old.id)
    await store.things.save(*kept)
    assert await store.things.all() == sorted(kept, key=lambda thing: thing.id)


@samples.LAW
@given(device=samples.devices, area=samples.areas)
async def test_devices_and_areas_round_trip(store: Store, device: Device, area: Area) -> None:
    await store.devices.save(device)
    await store.areas.save(area)
    assert device in await store.devices.all()
    assert area in await store.areas.all()


async def test_saving_again_replaces(store: Store) -> None:
    await store.things.save(samples.LAMP)
    renamed = replace(samples.LAMP, title="Reading lamp")
    await store.things.save(renamed)
    assert await store.things.all() == [renamed]


async def test_delete_forgets_one_and_does_not_mind_a_stranger(store: Store) -> None:
    other = replace(samples.LAMP, id="hall-lamp")
    await store.things.save(samples.LAMP, other)
    await store.things.delete(samples.LAMP.id)
    await store.things.delete("never-met")
    assert await store.things.all() == [other]


async def test_several_are_saved_together_or_not_at_all(store: Store) -> None:
    with pytest.raises(InvalidValue, match="not JSON"):
        await store.things.save(samples.LAMP, replace(samples.LAMP, id="odd", vars={"x": object()}))  # type: ignore[dict-item]
    assert await store.things.all() == []


async def test_everything_is_there_after_reopening(url: str) -> None:
    async with await Store.open(url) as store:
        await store.things.save(samples.LAMP)
        await store.areas.save(Area("kitchen", "Kitchen", ("Küche",), "ground"))
    async with await Store.open(url) as store:
        assert await store.things.all() == [samples.LAMP]
        assert await store.areas.all() == [Area("kitchen", "Kitchen", ("Küche",), "ground")]


async def test_a_value_that_is_no_json_is_said_to_be_damaged(store: Store) -> None:
    await store.areas.save(Area("attic", "Attic"))
    await store.database.write(lambda c: c.execute(text("UPDATE areas SET document = '{oops'")).close())
    with pytest.raises(StoreCorrupt, match="damaged"):
        await store.areas.all()


async def test_a_value_that_makes_no_sense_is_named(store: Store) -> None:
    await store.areas.save(Area("attic", "Attic"))
    damage = update(tables.areas).values(document={"id": "attic"})
    await store.database.write(lambda connection: connection.execute(damage).close())
    with pytest.raises(StoreCorrupt, match="area 'attic'"):
        await store.areas.all()
