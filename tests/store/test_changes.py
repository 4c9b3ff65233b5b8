from __future__ import annotations

import pytest
from hypothesis import given

from claw.model.change import Cause
from claw.model.context import Context
from claw.model.effect import Effect
from claw.store import Store
from tests.store import samples
from tests.store.samples import effect


async def test_recent_is_newest_first_and_bounded(store: Store) -> None:
    for n in range(5):
        await store.changes.add(effect(new=n), Context.new("text:Anna"), 100.0 + n)
    assert [(change.effect.new, change.at) for change in await store.changes.recent(3)] == [
        (4, 104.0),
        (3, 103.0),
        (2, 102.0),
    ]


async def test_recent_of_one_thing(store: Store) -> None:
    context = Context.new("text:Anna")
    await store.changes.add(effect("lamp"), context, 1.0)
    await store.changes.add(effect("shade"), context, 2.0)
    assert [change.effect.thing for change in await store.changes.recent(9, "lamp")] == ["lamp"]
    assert await store.changes.recent(9, thing="oven") == []


@samples.LAW
@given(done=samples.effects, context=samples.contexts)
async def test_effect_and_context_come_back_as_they_were(store: Store, done: Effect, context: Context) -> None:
    await store.changes.prune(float("inf"))
    await store.changes.add(done, context, 7.25)
    [change] = await store.changes.recent(1)
    assert (change.effect, change.context, change.at) == (done, context, 7.25)


async def test_why_climbs_from_the_effect_to_what_was_said(store: Store) -> None:
    said = Context.new("text:Anna")
    rule = said.child("rule:evening")
    step = rule.child("tool:set_property")
    await store.changes.note(said, 1.0, "good night")
    await store.changes.add(effect("shade"), rule, 2.0)
    await store.changes.note(rule, 2.0, "evening: shades down")
    await store.changes.add(effect("lamp"), step, 3.0)
    await store.changes.add(effect("oven"), Context.new("api:dashboard"), 4.0)
    causes = await store.changes.why(step.id)
    assert [(cause.context, cause.detail) for cause in causes] == [
        (step, ""),
        (rule, "evening: shades down"),
        (said, "good night"),
    ]
    assert [[change.effect.thing for change in cause.changes] for cause in causes] == [["lamp"], ["shade"], []]
    assert await store.changes.why(said.id) == [Cause(said, 1.0, "good night")]


async def test_why_of_a_stranger_is_empty(store: Store) -> None:
    assert await store.changes.why("never-met") == []


async def test_under_finds_all_that_a_message_did(store: Store) -> None:
    said = Context.new("text:Anna")
    first, second = said.child("tool:a"), said.child("tool:b")
    deep = first.child("rule:1")
    for context, name in ((first, "lamp"), (deep, "shade"), (second, "fan"), (Context.new("poll"), "oven")):
        await store.changes.add(effect(name), context, 1.0)
    assert [change.effect.thing for change in await store.changes.under(said.id)] == ["lamp", "shade", "fan"]
    assert [change.effect.thing for change in await store.changes.under(first.id)] == ["lamp", "shade"]
    assert await store.changes.under("never-met") == []


@pytest.mark.parametrize("length", [1, 2, 5])
async def test_a_ring_of_contexts_ends(store: Store, length: int) -> None:
    ids = [f"c{n}" for n in range(length)]
    for n, id_ in enumerate(ids):
        await store.changes.add(effect(f"t{n}"), Context("rule:x", id_, ids[n - 1]), 1.0)
    assert len(await store.changes.why("c0")) == length
    assert len(await store.changes.under("c0")) == length


async def test_prune_forgets_the_old_and_keeps_causes_that_are_still_needed(store: Store) -> None:
    old, long = Context.new("text:Anna"), Context.new("rule:long")
    await store.changes.note(old, 1.0, "old")
    await store.changes.add(effect("lamp"), old, 1.0)
    await store.changes.add(effect("shade"), long, 1.0)
    await store.changes.add(effect("shade"), long, 9.0)
    await store.changes.prune(before=5.0)
    assert [change.at for change in await store.changes.recent(9)] == [9.0]
    assert await store.changes.why(old.id) == []
    assert len(await store.changes.why(long.id)) == 1
