from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from claw.bus import Bus
from claw.model.context import Context
from claw.model.events import ReadingChanged
from claw.model.reading import Reading, Source
from claw.state import State

CONTEXT = Context.new("test")


def reading(value: object, at: float) -> Reading:
    return Reading(value, at, Source.POLL)  # type: ignore[arg-type]


async def test_a_new_value_is_published_with_the_old_one_and_an_equal_one_is_not() -> None:
    bus = Bus()
    state = State(bus)
    with bus.subscribe(ReadingChanged) as events:
        assert state.record("lamp", "on_off", reading(value=True, at=1), CONTEXT)
        assert not state.record("lamp", "on_off", reading(value=True, at=2), CONTEXT)
        assert state.record("lamp", "on_off", reading(value=False, at=3), CONTEXT)
        first, second = await events.next(), await events.next()
    assert first.old is None
    assert second.old is not None
    assert second.old.at == 2  # the equal reading refreshed the time
    assert bus.published == 2


def test_true_is_not_one() -> None:
    state = State(Bus())
    state.record("x", "p", reading(1, 1), CONTEXT)
    assert state.record("x", "p", reading(value=True, at=2), CONTEXT)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), min_size=1))
def test_the_newest_reading_wins_whatever_the_order(events: list[tuple[int, int]]) -> None:
    state = State(Bus())
    for at, value in events:
        state.record("x", "p", reading(value, at), CONTEXT)
    newest = max(at for at, _ in events)
    kept = state.get("x", "p")
    assert kept is not None
    assert kept.at == newest
    assert kept.value == [value for at, value in events if at == newest][-1]


def test_forgetting_a_thing_forgets_its_wishes_too() -> None:
    state = State(Bus())
    state.record("x", "p", reading(1, 1), CONTEXT)
    state.desire("x", "p", 2)
    state.desire("y", "p", 3)
    state.forget("x")
    assert state.of("x") == {}
    assert state.desired("x", "p") is None
    assert state.desired("y", "p") == 3
