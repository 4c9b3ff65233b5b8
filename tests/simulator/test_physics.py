from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.simulator.physics import Heat, Ramp

times = st.floats(0, 10_000)
shares = st.floats(0, 1)
degrees = st.floats(-20, 120)


@given(shares, shares, st.floats(0.01, 10), times, times)
def test_a_ramp_moves_at_its_rate_and_never_past_its_target(
    start: float, target: float, rate: float, first: float, then: float
) -> None:
    ramp = Ramp(start, rate)
    ramp.go(target, 0)
    low, high = sorted((start, target))
    early, late = ramp.at(min(first, then)), ramp.at(max(first, then))
    assert low - 1e-9 <= early <= high + 1e-9
    assert abs(late - early) <= rate * abs(then - first) + 1e-9
    assert abs(target - late) <= abs(target - early) + 1e-9
    assert ramp.at(ramp.arrival() + 1e-6) == pytest.approx(target, abs=1e-5)


@given(shares, shares, st.floats(0.01, 10), times)
def test_a_stopped_ramp_stays(start: float, target: float, rate: float, when: float) -> None:
    ramp = Ramp(start, rate)
    ramp.go(target, 0)
    ramp.stop(when)
    assert ramp.at(when + 1000) == pytest.approx(ramp.at(when))


@given(temperature=degrees, target=degrees, on=st.booleans(), first=times, then=times)
def test_looking_at_heat_does_not_change_it(
    temperature: float, target: float, *, on: bool, first: float, then: float
) -> None:
    looked, alone = (Heat(temperature, target, gain=0.05, ambient=14, loss=7200) for _ in range(2))
    for heat in (looked, alone):
        heat.set(0, on=on)
    looked.set(first)  # rebased midway, nothing else
    assert looked.at(first + then) == pytest.approx(alone.at(first + then), abs=1e-6)


@given(degrees, degrees, times)
def test_a_heated_body_ends_at_its_target_or_cools_no_further(temperature: float, target: float, when: float) -> None:
    heat = Heat(temperature, target, gain=0.05, ambient=14, loss=7200)
    heat.set(0, on=True)
    low, high = min(temperature, target), max(temperature, target, 14)
    assert low - 1e-9 <= heat.at(when) <= high + 1e-9
    assert heat.heating(when) == (heat.at(when) < target)


def test_heat_switched_off_falls_to_the_air_around_it() -> None:
    heat = Heat(30, 40, gain=1, ambient=14, loss=100)
    assert 14 < heat.at(100) < 30
    assert heat.at(10_000) == pytest.approx(14)
