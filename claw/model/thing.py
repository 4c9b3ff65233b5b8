"""A thing in the house: one unit of a device that an adapter drives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claw.model.affordance import Action, Property
from claw.model.json import Json
from claw.model.level import Level, Receipt


@dataclass(frozen=True, slots=True)
class Thing:
    """What the registry knows of one thing. `id` is a slug that never changes; `title` is what people call it.

    `unit` names this thing inside its device (a Hue light id, a HAP aid); `model` is the
    adapter's unit model; `vars` fill its hrefs.
    """

    id: str
    title: str
    device_id: str
    adapter_id: str
    unit: str
    model: str
    capabilities: tuple[str, ...]
    properties: Mapping[str, Property]
    actions: Mapping[str, Action] = field(default_factory=dict)
    vars: Mapping[str, Json] = field(default_factory=dict)
    area: str = ""
    aliases: tuple[str, ...] = ()
    level: Level = Level.NONE
    receipts: tuple[Receipt, ...] = ()
    online: bool = True
    consented: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A room or place, as in Home Assistant. `floor` is a floor id or empty."""

    id: str
    name: str
    aliases: tuple[str, ...] = ()
    floor: str = ""
