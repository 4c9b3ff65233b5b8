"""Calls that share a request, and what becomes of it when somebody gives up."""

from __future__ import annotations

from collections.abc import Mapping

import anyio
import pytest

from claw.errors import DeviceOffline
from claw.protocols.hap_batch import Coalesced


class Slow:
    """A request that ends when it is told to."""

    def __init__(self) -> None:
        self.asked: list[frozenset[int]] = []
        self.begun = anyio.Event()
        self.go = anyio.Event()

    async def __call__(self, keys: frozenset[int]) -> Mapping[int, int]:
        self.asked.append(keys)
        self.begun.set()
        await self.go.wait()
        return {key: key * 10 for key in keys}


async def test_what_comes_meanwhile_goes_with_the_next() -> None:
    slow = Slow()
    calls: Coalesced[int, int] = Coalesced(slow)
    async with anyio.create_task_group() as group:
        group.start_soon(calls, (1,))
        await slow.begun.wait()
        for key in (2, 3):
            group.start_soon(calls, (key,))
        await anyio.wait_all_tasks_blocked()
        slow.go.set()
    assert slow.asked == [{1}, {2, 3}]


async def test_who_waits_for_a_turn_can_be_called_off_and_the_others_are_served() -> None:
    slow = Slow()
    calls: Coalesced[int, int] = Coalesced(slow)
    answers: list[Mapping[int, int]] = []

    async def ask(key: int) -> None:
        answers.append(await calls((key,)))

    async with anyio.create_task_group() as group:
        group.start_soon(ask, 1)
        await slow.begun.wait()
        with anyio.CancelScope() as leader:
            async with anyio.create_task_group() as called_off:
                called_off.start_soon(ask, 2)
                await anyio.wait_all_tasks_blocked()
                group.start_soon(ask, 3)
                await anyio.wait_all_tasks_blocked()
                leader.cancel()
        assert leader.cancelled_caught  # at once: the first request has not ended yet
        slow.go.set()
    assert [dict(answer) for answer in answers] == [{1: 10}, {3: 30}]


async def test_a_failure_is_everybodys() -> None:
    async def fail(_: frozenset[int]) -> Mapping[int, int]:
        raise DeviceOffline("nobody there")

    calls: Coalesced[int, int] = Coalesced(fail)
    for _ in range(2):
        with pytest.raises(DeviceOffline, match="nobody there"):
            await calls((1,))
