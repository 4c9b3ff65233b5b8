"""What tools need of the rooms below; `app.py` hands the real ones in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from claw.model.change import Cause, Change
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.found import Found
from claw.model.house import House
from claw.model.json import Json, JsonObject
from claw.model.reading import Reading
from claw.model.thing import Area, Thing

__all__ = ["Changes", "Desk", "Driven", "Finder", "Found", "Readings", "Registry", "Things"]


class Driven(Protocol):
    """A consumed thing: reads, and writes that are read back."""

    async def read(self, *names: str, context: Context) -> Mapping[str, Reading]:
        """Fresh readings. Raises the DeviceError family."""
        ...

    async def write(self, name: str, value: Json, context: Context, *, confirmed: bool = False) -> Effect:
        """Set and read back. Raises InvalidValue, NotFound and NotProven before anything is sent."""
        ...

    async def invoke(
        self, action: str, arguments: JsonObject, context: Context, *, confirmed: bool = False
    ) -> Effect | None:
        """Act; None when nothing of it can be read back."""
        ...


class Things(Protocol):
    """Consumed things by id."""

    def get(self, id_: str) -> Driven:
        """Raises NotFound."""
        ...


class Registry(Protocol):
    """What is in the house."""

    @property
    def things(self) -> Mapping[str, Thing]:
        """Things by id."""
        ...

    @property
    def areas(self) -> Mapping[str, Area]:
        """Areas by id."""
        ...

    def house(self) -> House:
        """The names, for the understanding."""
        ...


class Readings(Protocol):
    """Last-known readings."""

    def get(self, thing: str, name: str) -> Reading | None:
        """The last reading, or None."""
        ...


class Changes(Protocol):
    """The journal of effects."""

    async def recent(self, limit: int, thing: str | None = None) -> Sequence[Change]:
        """The last changes, newest first."""
        ...

    async def why(self, context_id: str) -> Sequence[Cause]:
        """The chain of causes from a context up."""
        ...


class Finder(Protocol):
    """Discovery, asked to look now."""

    async def search(self, seconds: float) -> Sequence[Found]:
        """Look for `seconds`, then give everything that is known to be on the network."""
        ...


@dataclass(frozen=True, slots=True)
class Desk:
    """All ports in one hand."""

    registry: Registry
    things: Things
    readings: Readings
    changes: Changes
    finder: Finder
