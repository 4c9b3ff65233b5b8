"""The journal's end: what is older than a year and a month answers no question any more."""

from __future__ import annotations

import time
from collections.abc import Callable

import anyio
from anyio.abc import TaskStatus

from claw.store.changes import Changes

KEEP = 400 * 24 * 3600.0  # seconds
EVERY = 24 * 3600.0  # seconds between looks


class Keeping:
    """Prunes the journal once a day."""

    def __init__(self, changes: Changes, *, every: float = EVERY, clock: Callable[[], float] = time.time) -> None:
        self._changes = changes
        self._every = every
        self._clock = clock

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Prune until cancelled; the first time after one period, so that a start has nothing to wait for."""
        task_status.started()
        while True:
            await anyio.sleep(self._every)
            await self._changes.prune(self._clock() - KEEP)
