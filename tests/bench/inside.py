"""What is measured inside this process: understanding, and memory over 100,000 turns of the loop."""

from __future__ import annotations

import gc
import logging
import time
from pathlib import Path

import anyio
import anyio.lowlevel
import psutil

from claw import settings
from claw.app import open_house
from claw.devices.observing import Observing
from claw.devices.pace import Pace
from claw.devices.polling import Polling
from claw.model.context import Context
from claw.model.reading import Reading, Source
from claw.understanding import understand as mean
from tests.bench.figures import show, spread

TICKS = 100_000
TEXTS = (
    "turn on the reading lamp",
    "set the reading lamp to 40%",
    "is the reading lamp on?",
    "turn it off",
    "goodnight",
)


def understand(data: Path, stub: int) -> None:
    """From a text to what it means, in a house of one lamp."""
    anyio.run(_understand, data)


async def _understand(data: Path) -> None:
    async with open_house(settings.load(data=str(data), discovery=False)) as house:
        rooms, took = house.registry.house(), []
        for number in range(2000):
            began = time.perf_counter()
            mean(TEXTS[number % len(TEXTS)], rooms)
            took.append(time.perf_counter() - began)
        show("understand", **spread(took[100:]))


def drift(data: Path, stub: int) -> None:
    """Memory over 100,000 changes on the bus, with a lamp polled over HTTP as fast as it answers all the while."""
    logging.disable(logging.WARNING)
    anyio.run(_drift, data)


async def _drift(data: Path) -> None:
    async with open_house(settings.load(data=str(data), discovery=False)) as house:
        observing = Observing(house.registry, house.things, house.bindings, house.bus)
        hurry = Pace(fast=0.0, slow=0.0, pushed=0.0, first=0.0, rate=1e9)
        polling = Polling(house.registry, house.things, house.bus, pace=hurry, pushed=observing.pushes)
        thing = next(iter(house.registry.things))
        context = Context.new("bench")
        async with anyio.create_task_group() as group:
            await group.start(polling.run)

            async def turn(ticks: int) -> None:
                for number in range(ticks):
                    house.state.record(thing, "bench", Reading(number, time.time(), Source.POLL), context)
                    await anyio.lowlevel.checkpoint()

            await turn(TICKS // 10)
            before, polls, began = _rss(), polling.polls, time.perf_counter()
            await turn(TICKS)
            show(
                "drift",
                ticks=TICKS,
                polls=polling.polls - polls,
                seconds=round(time.perf_counter() - began, 1),
                before_mb=before,
                after_mb=_rss(),
                drift_mb=round(_rss() - before, 2),
            )
            group.cancel_scope.cancel()


def _rss() -> float:
    gc.collect()
    return round(psutil.Process().memory_info().rss / 1e6, 2)
