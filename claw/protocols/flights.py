"""Identical reads at the same time share one exchange; nothing outlives its flight."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable

import anyio

from claw.errors import DeviceError
from claw.model.json import Json


class _Flight:
    """One exchange that others wait for. `failed` is raised for each of them."""

    def __init__(self) -> None:
        self.landed = anyio.Event()
        self.done = False
        self.payload: Json = None
        self.failed: DeviceError | None = None


class Flights:
    """The exchanges under way, by what makes two of them the same."""

    def __init__(self) -> None:
        self._flights: dict[Hashable, _Flight] = {}

    async def share(self, key: Hashable, fly: Callable[[], Awaitable[Json]]) -> Json:
        """The payload of `fly()`, or of the one under way. A cancelled caller takes nobody with it."""
        while (flight := self._flights.get(key)) is not None:
            await flight.landed.wait()
            if flight.failed is not None:
                # a copy: one exception raised in several tasks would grow one traceback
                raise type(flight.failed)(*flight.failed.args) from flight.failed.__cause__
            if flight.done:
                return flight.payload
        flight = self._flights[key] = _Flight()
        try:
            flight.payload = await fly()
            flight.done = True
        except DeviceError as error:
            flight.failed = error
            raise
        finally:
            del self._flights[key]
            flight.landed.set()
        return flight.payload
