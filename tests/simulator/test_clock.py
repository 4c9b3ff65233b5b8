from __future__ import annotations

import anyio

from claw.simulator import ManualClock, RealClock


async def test_a_manual_clock_wakes_sleepers_in_time_and_not_before() -> None:
    clock, woken = ManualClock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    async with anyio.create_task_group() as tasks:
        for seconds in (1, 3):
            tasks.start_soon(sleep, seconds)
        await anyio.wait_all_tasks_blocked()
        clock.advance(2)
        await anyio.wait_all_tasks_blocked()
        assert woken == [1]
        clock.advance(1)
    assert woken == [1, 3]
    assert clock.now() == 3


async def test_a_real_clock_runs_as_fast_as_told() -> None:
    clock = RealClock(speed=1000)
    with anyio.fail_after(2):
        await clock.sleep(100)
    assert clock.now() >= 90
