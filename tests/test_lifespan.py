from __future__ import annotations

import anyio
import pytest
from anyio.abc import TaskStatus

from claw.lifespan import Patience, Phase, Services

QUICK = Patience(first=0.001, longest=0.002, limit=3, window=60)


class Boom(Exception):
    pass


async def test_a_service_is_ready_before_the_next_starts() -> None:
    order: list[str] = []

    def service(name: str):  # noqa: ANN202
        async def run(*, task_status: TaskStatus[None]) -> None:
            order.append(f"{name} starting")
            await anyio.lowlevel.checkpoint()
            order.append(f"{name} ready")
            task_status.started()
            await anyio.sleep_forever()

        return run

    services = Services()
    async with anyio.create_task_group() as group:
        await services.start(group, "a", service("a"))
        await services.start(group, "b", service("b"))
        assert {h.phase for h in services.health.values()} == {Phase.READY}
        group.cancel_scope.cancel()
    assert order == ["a starting", "a ready", "b starting", "b ready"]


async def test_a_failure_before_readiness_refuses_the_start() -> None:
    async def run(*, task_status: TaskStatus[None]) -> None:
        raise Boom("no port")

    with pytest.raises(ExceptionGroup) as caught:
        async with anyio.create_task_group() as group:
            await Services(QUICK).start(group, "a", run)
    assert caught.group_contains(Boom, match="no port")


async def test_one_that_was_ready_is_restarted_and_works_again() -> None:
    lives = 0
    again = anyio.Event()

    async def run(*, task_status: TaskStatus[None]) -> None:
        nonlocal lives
        lives += 1
        task_status.started()
        if lives == 1:
            raise Boom
        again.set()
        await anyio.sleep_forever()

    services = Services(QUICK)
    async with anyio.create_task_group() as group:
        await services.start(group, "a", run)
        with anyio.fail_after(2):
            await again.wait()
        assert services.health["a"].restarts == 1
        assert services.health["a"].phase is Phase.READY
        assert "Boom" in services.health["a"].reason
        group.cancel_scope.cancel()


async def test_a_crash_loop_is_broken_and_the_others_live_on() -> None:
    async def bad(*, task_status: TaskStatus[None]) -> None:
        task_status.started()
        raise Boom("again")

    async def good(*, task_status: TaskStatus[None]) -> None:
        task_status.started()
        await anyio.sleep_forever()

    services = Services(QUICK)
    async with anyio.create_task_group() as group:
        await services.start(group, "good", good)
        await services.start(group, "bad", bad)
        with anyio.fail_after(2):
            while services.health["bad"].phase is not Phase.FAILED:
                await anyio.lowlevel.checkpoint()
        assert services.health["bad"].restarts == QUICK.limit - 1
        assert services.health["good"].phase is Phase.READY
        group.cancel_scope.cancel()


async def test_one_that_ends_by_itself_is_not_restarted() -> None:
    async def run(*, task_status: TaskStatus[None]) -> None:
        task_status.started()

    services = Services(QUICK)
    async with anyio.create_task_group() as group:
        await services.start(group, "a", run)
    assert services.health["a"].phase is Phase.ENDED
    assert services.health["a"].restarts == 0
