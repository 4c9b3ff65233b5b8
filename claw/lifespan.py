"""Services that start in order, are watched, and are restarted or given up."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import anyio
from anyio.abc import TaskGroup, TaskStatus

log = logging.getLogger(__name__)


class Run(Protocol):
    """A service: runs until cancelled, and calls `task_status.started()` once it is ready."""

    async def __call__(self, *, task_status: TaskStatus[None]) -> None:
        """Run for ever."""
        ...


def after(wait: Callable[[], Awaitable[object]], run: Run) -> Run:
    """A service that counts as ready at once, and sets to work when `wait` is over."""

    async def later(*, task_status: TaskStatus[None]) -> None:
        task_status.started()
        await wait()
        await run(task_status=anyio.TASK_STATUS_IGNORED)

    return later


class Phase(StrEnum):
    """Where a service is in its life."""

    STARTING = "starting"
    READY = "ready"
    RESTARTING = "restarting"
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Health:
    """A service's phase, how often it was restarted, and the last reason."""

    phase: Phase
    restarts: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Patience:
    """How restarts are paced: `first` seconds, doubling to `longest`; given up after `limit` within `window`."""

    first: float = 0.2
    longest: float = 30.0
    limit: int = 5
    window: float = 60.0


DEFAULT_PATIENCE = Patience()


class _Readiness:
    """Passes the first `started()` on and remembers that it came."""

    def __init__(self, outer: TaskStatus[None] | None, services: Services, name: str) -> None:
        self._outer = outer
        self._services = services
        self._name = name
        self.ready = False

    def started(self, value: None = None) -> None:
        self.ready = True
        self._services.mark(self._name, Phase.READY)
        if self._outer is not None:
            self._outer.started(value)


class Services:
    """The services of one daemon. `start` returns when the service is ready, so nesting order is start order."""

    def __init__(self, patience: Patience = DEFAULT_PATIENCE) -> None:
        self._patience = patience
        self._health: dict[str, Health] = {}

    @property
    def health(self) -> Mapping[str, Health]:
        """Every service by name."""
        return self._health

    def mark(self, name: str, phase: Phase, reason: str = "", *, restarted: bool = False) -> None:
        """Record where a service is."""
        before = self._health.get(name, Health(phase))
        self._health[name] = Health(phase, before.restarts + restarted, reason or before.reason)

    async def start(self, group: TaskGroup, name: str, run: Run) -> None:
        """Start a service in `group`. A failure before its first readiness is raised here: the start is refused."""
        self.mark(name, Phase.STARTING)
        await group.start(self._supervise, name, run, name=name)

    async def _supervise(self, name: str, run: Run, *, task_status: TaskStatus[None]) -> None:
        failures: deque[float] = deque(maxlen=self._patience.limit)
        outer: TaskStatus[None] | None = task_status
        pause = self._patience.first
        while True:
            readiness = _Readiness(outer, self, name)
            began = anyio.current_time()
            try:
                await run(task_status=readiness)
            except Exception as error:
                if outer is not None and not readiness.ready:
                    raise
                log.exception("%s stopped", name)
                failures.append(anyio.current_time())
                reason = f"{type(error).__name__}: {error}"
            else:
                self.mark(name, Phase.ENDED)
                return
            outer = None
            now = anyio.current_time()
            if len(failures) == self._patience.limit and now - failures[0] < self._patience.window:
                log.error("%s failed %d times in a row; given up until the next start", name, len(failures))
                self.mark(name, Phase.FAILED, reason)
                return
            pause = self._patience.first if now - began > self._patience.window else pause
            self.mark(name, Phase.RESTARTING, reason, restarted=True)
            await anyio.sleep(pause)
            pause = min(pause * 2, self._patience.longest)
