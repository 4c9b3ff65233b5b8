"""A bounded feed from a callback to one async reader; the newest items win."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from typing import Generic, TypeVar

import anyio

from claw.errors import DeviceError

T = TypeVar("T")

DEPTH = 64


class Feed(Generic[T]):
    """`put` never waits (the oldest item falls out); reading waits, and raises what `fail` was given."""

    def __init__(self, depth: int = DEPTH) -> None:
        self._items: deque[T] = deque(maxlen=depth)
        self._error: DeviceError | None = None
        self._news = anyio.Event()

    def put(self, item: T) -> None:
        """Hand over one item."""
        self._items.append(item)
        self._news.set()

    def fail(self, error: DeviceError) -> None:
        """End the feed once the items already handed over are read."""
        self._error = error
        self._news.set()

    async def next(self) -> T:
        """Wait for one item."""
        while not self._items:
            if self._error is not None:
                # each reader gets its own exception object: tracebacks are not shared
                raise type(self._error)(str(self._error))
            self._news = anyio.Event()
            await self._news.wait()
        return self._items.popleft()

    async def __aiter__(self) -> AsyncGenerator[T, None]:
        while True:
            yield await self.next()
