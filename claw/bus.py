"""Facts, published to whoever listens. Commands are calls; only facts travel here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Generic, TypeVar

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

from claw.model.events import Event

E = TypeVar("E", bound=Event)

DEFAULT_BUFFER = 1024


class Subscription(Generic[E]):
    """One subscriber's bounded stream. `dropped` counts what it was too slow to take."""

    def __init__(self, buffer: int) -> None:
        self._send: MemoryObjectSendStream[E]
        self._receive: MemoryObjectReceiveStream[E]
        self._send, self._receive = anyio.create_memory_object_stream[E](buffer)
        self.dropped = 0

    def offer(self, event: E) -> None:
        """Hand over an event without ever waiting."""
        try:
            self._send.send_nowait(event)
        except anyio.WouldBlock:
            self.dropped += 1
        except (anyio.BrokenResourceError, anyio.ClosedResourceError):
            pass  # closed by its reader between the look-up and here

    def __aiter__(self) -> AsyncIterator[E]:
        return self._receive.__aiter__()

    async def next(self) -> E:
        """Wait for one event."""
        return await self._receive.receive()

    def close(self) -> None:
        """End the stream for both sides."""
        self._send.close()
        self._receive.close()


class Bus:
    """Typed publish and subscribe. Publishing never blocks and never raises."""

    def __init__(self) -> None:
        self._subscribers: dict[type[Event], list[Subscription[Event]]] = {}
        self.published = 0

    @contextmanager
    def subscribe(self, *kinds: type[E], buffer: int = DEFAULT_BUFFER) -> Iterator[Subscription[E]]:
        """Receive events of `kinds` (exact classes) for as long as the block lasts."""
        subscription: Subscription[E] = Subscription(buffer)
        for kind in kinds:
            self._subscribers.setdefault(kind, []).append(subscription)  # type: ignore[arg-type]
        try:
            yield subscription
        finally:
            for kind in kinds:
                self._subscribers[kind].remove(subscription)  # type: ignore[arg-type]
            subscription.close()

    def publish(self, event: Event) -> None:
        """Tell every subscriber of this event's class."""
        self.published += 1
        for subscription in tuple(self._subscribers.get(type(event), ())):
            subscription.offer(event)

    @property
    def dropped(self) -> int:
        """Events that some present subscriber was too slow to take."""
        return sum({id(s): s.dropped for group in self._subscribers.values() for s in group}.values())
