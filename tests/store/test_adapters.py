from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import NotFound
from claw.model.json import JsonObject
from claw.store import Store
from tests.store import samples

HUE = "urn:claw:adapter:hue"


async def test_the_current_document_is_the_last_one_saved(store: Store) -> None:
    assert await store.adapters.save(HUE, {"title": "Hue"}, "library") == 1
    assert await store.adapters.save(HUE, {"title": "Hue 2"}, "proposer:near") == 2
    assert await store.adapters.get(HUE) == {"title": "Hue 2"}
    assert await store.adapters.all() == {HUE: {"title": "Hue 2"}}


async def test_older_revisions_are_kept_newest_first(store: Store) -> None:
    await store.adapters.save(HUE, {"n": 1}, "library")
    await store.adapters.save(HUE, {"n": 2}, "import")
    history = await store.adapters.history(HUE)
    assert [(kept.revision, kept.source, kept.document) for kept in history] == [
        (2, "import", {"n": 2}),
        (1, "library", {"n": 1}),
    ]
    assert history[0].at >= history[1].at > 1_600_000_000


async def test_saving_the_same_again_makes_no_revision(store: Store) -> None:
    await store.adapters.save(HUE, {"a": 1, "b": [1]}, "library")
    assert await store.adapters.save(HUE, {"b": (1,), "a": 1}, "library") == 1
    assert await store.adapters.save(HUE, {"a": True, "b": [1]}, "library") == 2  # True is not 1


async def test_rollback_makes_the_old_one_current_and_keeps_the_new_one(store: Store) -> None:
    await store.adapters.save(HUE, {"n": 1}, "library")
    await store.adapters.save(HUE, {"n": 2}, "proposer:llm")
    assert await store.adapters.rollback(HUE, 1) == {"n": 1}
    assert await store.adapters.get(HUE) == {"n": 1}
    assert [kept.source for kept in await store.adapters.history(HUE)] == ["rollback:1", "proposer:llm", "library"]


async def test_rollback_to_the_current_document_changes_nothing(store: Store) -> None:
    await store.adapters.save(HUE, {"n": 1}, "library")
    await store.adapters.rollback(HUE, 1)
    assert len(await store.adapters.history(HUE)) == 1


async def test_what_is_not_there(store: Store) -> None:
    with pytest.raises(NotFound, match="hue"):
        await store.adapters.get(HUE)
    with pytest.raises(NotFound, match="revision 7"):
        await store.adapters.rollback(HUE, 7)
    assert await store.adapters.history(HUE) == []
    await store.adapters.delete(HUE)


async def test_delete_takes_the_history_too(store: Store) -> None:
    await store.adapters.save(HUE, {"n": 1}, "library")
    await store.adapters.delete(HUE)
    assert await store.adapters.all() == {}
    assert await store.adapters.save(HUE, {"n": 9}, "import") == 1


@samples.LAW
@given(saved=st.lists(samples.documents, min_size=1, max_size=4))
async def test_history_is_what_was_saved_without_repetitions(store: Store, saved: list[JsonObject]) -> None:
    await store.adapters.delete("x")
    for document in saved:
        await store.adapters.save("x", document, "import")
    history = [kept.document for kept in await store.adapters.history("x")]
    assert history[0] == saved[-1]
    assert all(document in saved for document in history)
    assert [kept.revision for kept in await store.adapters.history("x")] == list(range(len(history), 0, -1))
