"""Where pushed payloads wait for one observer: bounded, and the oldest goes first when it is slow."""

from __future__ import annotations

from collections import deque

import anyio

from claw.model.json import Json

SIZE = 64


class Mailbox:
    """One observer's waiting payloads. True while something waits."""

    def __init__(self, size: int = SIZE) -> None:
        self._items: deque[Json] = deque(maxlen=size)
        self._arrived = anyio.Event()

    def __bool__(self) -> bool:
        return bool(self._items)

    def put(self, payload: Json) -> None:
        """Hand over without waiting; the oldest is dropped when full, for the newest state is what counts."""
        self._items.append(payload)
        self._arrived.set()

    def take(self) -> Json:
        """The oldest payload; IndexError when none waits."""
        payload = self._items.popleft()
        if not self._items:
            self._arrived = anyio.Event()
        return payload

    def wake(self) -> None:
        """End a wait although nothing has come."""
        self._arrived.set()

    async def wait(self) -> None:
        """Until something waits."""
        await self._arrived.wait()
