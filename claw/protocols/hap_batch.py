"""Many callers, one request: calls made in the same tick, or while a request is under way, share the next one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import anyio
from anyio.lowlevel import checkpoint

from claw.errors import DeviceError

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class _Batch(Generic[K, V]):
    keys: set[K] = field(default_factory=set)
    done: anyio.Event = field(default_factory=anyio.Event)
    answer: Mapping[K, V] | None = None
    error: DeviceError | None = None


class Coalesced(Generic[K, V]):
    """Wraps `run(keys) -> {key: value}`. The first of a batch runs it for all, even when cancelled meanwhile."""

    def __init__(self, run: Callable[[frozenset[K]], Awaitable[Mapping[K, V]]]) -> None:
        self._run = run
        self._turn = anyio.Lock()
        self._next: _Batch[K, V] | None = None

    async def __call__(self, keys: Iterable[K]) -> Mapping[K, V]:
        """The answer of the shared request; raises its DeviceError."""
        keys = tuple(keys)
        while True:
            batch = self._next
            if batch is not None:
                batch.keys.update(keys)
                await batch.done.wait()
            else:
                batch = self._next = _Batch()
                batch.keys.update(keys)
                await self._lead(batch)
            if batch.error is not None:
                raise type(batch.error)(str(batch.error)) from batch.error
            if batch.answer is not None:
                return batch.answer
            # who led it was cancelled before its turn came: somebody else leads the next one

    async def _lead(self, batch: _Batch[K, V]) -> None:
        try:
            async with self._turn:
                await checkpoint()  # whoever is ready in this tick gets on board
                self._next = None
                # `run` is bounded by its own timeout, so the shield is too
                with anyio.CancelScope(shield=True):
                    batch.answer = await self._run(frozenset(batch.keys))
        except DeviceError as error:
            batch.error = error
        finally:
            if self._next is batch:
                self._next = None
            batch.done.set()
