"""Facts that travel on the bus. Each carries the context that caused it."""

from __future__ import annotations

from dataclasses import dataclass

from claw.model.announcement import Announcement
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.reading import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Root of every fact."""

    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced(Event):
    """The LAN said something."""

    announcement: Announcement


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFound(Event):
    """A physical device was met for the first time."""

    device_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceMoved(Event):
    """A known device has a new address."""

    device_id: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceHeard(Event):
    """A known device said something that makes it worth a look: goodbye, a new address, or a word after silence."""

    device_id: str
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingAdded(Event):
    """A thing joined the house."""

    thing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingChanged(Event):
    """A thing's name, area, level or description changed."""

    thing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingRemoved(Event):
    """A thing left the house."""

    thing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnlineChanged(Event):
    """A thing came or went."""

    thing: str
    online: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingChanged(Event):
    """A property has a new value; equal readings are not published again."""

    thing: str
    property: str
    reading: Reading
    old: Reading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandDone(Event):
    """A command ran to its end, verified or not."""

    effect: Effect
