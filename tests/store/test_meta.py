from __future__ import annotations

from hypothesis import given

from claw.model.json import Json
from claw.store import Store
from tests.store import samples


async def test_a_key_that_was_never_put_is_none(store: Store) -> None:
    assert await store.meta.get("temperature_unit") is None


@samples.LAW
@given(value=samples.values)
async def test_any_json_value_round_trips(store: Store, value: Json) -> None:
    await store.meta.put("key", "something else")
    await store.meta.put("key", value)
    back = await store.meta.get("key")
    assert back == value
    assert type(back) is type(value)
