"""Polling: how often, and in which order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from claw.devices.pace import Pace
from claw.devices.rounds import Rounds

chances = st.floats(0, 1)


@given(
    failures=st.integers(0, 10**6),
    lively=st.booleans(),
    pushed=st.booleans(),
    rounds=st.integers(1, 10**5),
    chance=chances,
)
def test_law_no_pace_is_faster_than_fast_or_slower_than_needed(
    *, failures: int, lively: bool, pushed: bool, rounds: int, chance: float
) -> None:
    pace = Pace()
    delay = pace.delay(failures=failures, lively=lively, pushed=pushed, rounds=rounds, chance=chance)
    assert 0.9 * min(pace.fast, pace.retry) <= delay <= 1.1 * max(pace.longest, pace.pushed, rounds / pace.rate)


@given(st.integers(1, 40))
def test_law_silence_is_asked_ever_more_seldom(failures: int) -> None:
    pace = Pace()

    def after(count: int) -> float:
        return pace.delay(failures=count, lively=True, pushed=False, rounds=1, chance=0.5)

    assert after(failures) <= after(failures + 1) <= pace.longest
    assert after(1) == pace.retry


def test_paces() -> None:
    pace = Pace()

    def delay(*, lively: bool = False, pushed: bool = False, rounds: int = 1) -> float:
        return pace.delay(failures=0, lively=lively, pushed=pushed, rounds=rounds, chance=0.5)

    assert delay() == 30
    assert delay(lively=True) == 1
    assert delay(pushed=True) == delay(pushed=True, lively=True) == 60
    assert delay(rounds=900) == 300


@given(
    st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sets(st.sampled_from("xyz")), st.integers(0, 20), st.booleans()),
        max_size=40,
    )
)
def test_law_rounds_come_up_in_order_and_each_only_while_someone_lives_on_it(
    steps: list[tuple[str, set[str], int, bool]],
) -> None:
    rounds = Rounds()
    model: dict[str, set[str]] = {}
    for thing, keys, due, leaves in steps:
        if leaves:
            rounds.drop(thing)
            model.pop(thing, None)
        else:
            rounds.put(thing, dict.fromkeys(keys, ("p",)), float(due))
            model[thing] = keys
    alive = {key for keys in model.values() for key in keys}
    assert len(rounds) == len(alive)
    assert {each.key: set(each.members) for thing in model for each in rounds.of(thing)} == {
        key: {thing for thing, keys in model.items() if key in keys} for key in alive
    }
    taken = list(rounds.take(100.0))
    assert {each.key for each in taken} == alive
    assert [each.due for each in taken] == sorted(each.due for each in taken)
    assert rounds.next_due() == float("inf")


def test_a_moved_round_comes_up_once_at_its_new_time() -> None:
    rounds = Rounds()
    rounds.put("lamp", {"state": ("on",)}, 50.0)
    [found] = rounds.of("lamp")
    rounds.schedule(found, 10.0)
    assert rounds.next_due() == 10.0
    assert list(rounds.take(20.0)) == [found]
    found.running = True
    assert list(rounds.take(100.0)) == []
