"""Last-known readings and desired values: the house's short memory, in RAM."""

from __future__ import annotations

from collections.abc import Mapping

from claw.bus import Bus
from claw.model.context import Context
from claw.model.events import ReadingChanged
from claw.model.json import Json
from claw.model.reading import Reading


class State:
    """Readings by thing and property. A changed value is published; an equal one only refreshes its time."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._readings: dict[str, dict[str, Reading]] = {}
        self._desired: dict[tuple[str, str], Json] = {}
        self.revision = 0

    def get(self, thing: str, name: str) -> Reading | None:
        """The last reading, or None when nothing was ever read."""
        return self._readings.get(thing, {}).get(name)

    def of(self, thing: str) -> Mapping[str, Reading]:
        """All last readings of a thing."""
        return self._readings.get(thing, {})

    def record(self, thing: str, name: str, reading: Reading, context: Context) -> bool:
        """Keep a reading; True (and an event) when the value is new. What was asked earlier than ours is ignored."""
        readings = self._readings.setdefault(thing, {})
        old = readings.get(name)
        if old is not None and old.tick > reading.tick:
            return False
        readings[name] = reading
        # bool and int compare equal in Python; on the wire they are different answers
        if old is not None and old.value == reading.value and type(old.value) is type(reading.value):
            return False
        self.revision += 1
        self._bus.publish(ReadingChanged(context=context, thing=thing, property=name, reading=reading, old=old))
        return True

    def desire(self, thing: str, name: str, value: Json) -> None:
        """Remember what was asked for, whatever the device did with it."""
        self._desired[thing, name] = value

    def desired(self, thing: str, name: str) -> Json:
        """What was last asked for, or None."""
        return self._desired.get((thing, name))

    def forget(self, thing: str) -> None:
        """Drop a thing that left the house."""
        self._readings.pop(thing, None)
        self._desired = {key: value for key, value in self._desired.items() if key[0] != thing}
