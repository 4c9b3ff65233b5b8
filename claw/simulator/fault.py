"""What can be wrong with a simulated device."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields

from claw.errors import InvalidValue
from claw.model.json import Json, JsonObject


@dataclass(frozen=True, slots=True)
class Fault:
    """All faults of one device; the default is a healthy one.

    `slow`: seconds before every answer. `offline`: connections refused, announcements gone. `wrong_address`: moved
    to another loopback address, and announced there. `new_firmware`: a changed API with a higher version number.
    `garbage`: answers what no protocol allows. `mute`: acknowledges writes and does not do them.
    """

    slow: float = 0.0
    offline: bool = False
    wrong_address: bool = False
    new_firmware: bool = False
    garbage: bool = False
    mute: bool = False

    @classmethod
    def parse(cls, document: Json) -> Fault:
        """A fault from JSON, as in `{"slow": 2, "mute": true}`. Raises InvalidValue."""
        if not isinstance(document, dict):
            raise InvalidValue('Faults are a JSON object such as {"slow": 2}.')
        known = {field.name for field in fields(cls)}
        if unknown := set(document) - known:
            raise InvalidValue(f"No fault named {min(unknown)[:40]!r}; there are {', '.join(sorted(known))}.")
        slow = document.get("slow", 0)
        if isinstance(slow, bool) or not isinstance(slow, int | float) or not math.isfinite(slow) or slow < 0:
            raise InvalidValue("slow is a number of seconds, 0 or more.")
        flags = {name: value for name, value in document.items() if name != "slow"}
        if wrong := [name for name, value in flags.items() if not isinstance(value, bool)]:
            raise InvalidValue(f"{wrong[0]} is true or false.")
        return cls(slow=float(slow), **flags)

    def to_json(self) -> JsonObject:
        """The faults as JSON, healthy ones included."""
        return asdict(self)

    @property
    def place(self) -> tuple[bool, bool, bool]:
        """The part that needs the device to be reopened when it changes."""
        return (self.offline, self.wrong_address, self.new_firmware)
