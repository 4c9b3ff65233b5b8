from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from claw.bus import Bus
from claw.model.context import Context
from claw.model.events import ReadingChanged
from claw.model.reading import Moment, Reading, Source
from claw.state import State

CONTEXT = Context.new("test")


def reading(value: object, tick: float, at: float = 0.0) -> Reading:
    return Reading(value, at, Source.POLL, tick)  # type: ignore[arg-type]


async def test_a_new_value_is_published_with_the_old_one_and_an_equal_one_is_not() -> None:
    bus = Bus()
    state = State(bus)
    with bus.subscribe(ReadingChanged) as events:
        assert state.record("lamp", "on_off", reading(value=True, tick=1), CONTEXT)
        assert not state.record("lamp", "on_off", reading(value=True, tick=2), CONTEXT)
        assert state.record("lamp", "on_off", reading(value=False, tick=3), CONTEXT)
        first, second = await events.next(), await events.next()
    assert first.old is None
    assert second.old is not None
    assert second.old.tick == 2  # the equal reading refreshed the time
    assert bus.published == 2


def test_true_is_not_one() -> None:
    state = State(Bus())
    state.record("x", "p", reading(1, 1), CONTEXT)
    assert state.record("x", "p", reading(value=True, tick=2), CONTEXT)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 5)), min_size=1))
def test_law_what_was_asked_last_wins_whatever_the_order_and_the_wall_clock(
    events: list[tuple[int, int, int]],
) -> None:
    state = State(Bus())
    for tick, at, value in events:
        state.record("x", "p", reading(value, tick, at), CONTEXT)
    newest = max(tick for tick, _, _ in events)
    kept = state.get("x", "p")
    assert kept is not None
    assert kept.tick == newest
    assert (kept.at, kept.value) == [(at, value) for tick, at, value in events if tick == newest][-1]


def test_a_door_unlocked_after_the_clock_was_set_back_is_unlocked() -> None:
    state, now = State(Bus()), time.time()
    state.record("door", "locked", Reading(value=True, at=now, source=Source.POLL), CONTEXT)
    assert state.record("door", "locked", Reading(value=False, at=now - 7200, source=Source.POLL), CONTEXT)
    kept = state.get("door", "locked")
    assert kept is not None
    assert kept.value is False


def test_a_reading_from_the_future_is_not_young() -> None:
    now = Moment.now()
    ages = [(0, 0), (-7200, 0), (100, 0), (0, 100)]  # seconds by the wall clock, and by the monotonic one
    young = [Reading(1, now.at - a, Source.POLL, now.tick - b).younger(60.0) for a, b in ages]
    assert young == [True, False, False, False]


def test_forgetting_a_thing_forgets_its_wishes_too() -> None:
    state = State(Bus())
    state.record("x", "p", reading(1, 1), CONTEXT)
    state.desire("x", "p", 2)
    state.desire("y", "p", 3)
    state.forget("x")
    assert state.of("x") == {}
    assert state.desired("x", "p") is None
    assert state.desired("y", "p") == 3
