"""What goes over the API: the shapes that outsiders script against."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, JsonValue

from claw.api.replies import plain
from claw.model.device import Device
from claw.model.reading import Reading
from claw.model.thing import Thing


class PropertyShape(BaseModel):
    """A property: its last value (null when never read) and what may be written to it."""

    title: str
    type: str
    unit: str
    minimum: float | None
    maximum: float | None
    enum: list[str]
    read_only: bool
    value: JsonValue
    at: float | None


class ThingShape(BaseModel):
    """A thing with its last readings. `level` is the highest rung its adapter has earned, 0 to 6."""

    id: str
    title: str
    device: str
    adapter: str
    area: str
    aliases: list[str]
    capabilities: list[str]
    level: int
    online: bool
    properties: dict[str, PropertyShape]
    actions: list[str]

    @classmethod
    def of(cls, thing: Thing, readings: Mapping[str, Reading]) -> ThingShape:
        """Shape a thing with what is known of it."""
        return cls(
            id=thing.id,
            title=thing.title,
            device=thing.device_id,
            adapter=thing.adapter_id,
            area=thing.area,
            aliases=list(thing.aliases),
            capabilities=list(thing.capabilities),
            level=int(thing.level),
            online=thing.online,
            actions=sorted(thing.actions),
            properties={
                name: PropertyShape(
                    title=prop.title,
                    type=prop.type,
                    unit=prop.unit,
                    minimum=prop.minimum,
                    maximum=prop.maximum,
                    enum=list(prop.enum),
                    read_only=prop.read_only,
                    value=plain(readings[name].value) if name in readings else None,
                    at=readings[name].at if name in readings else None,
                )
                for name, prop in thing.properties.items()
            },
        )


class DeviceShape(BaseModel):
    """A physical device on the LAN, adopted or not."""

    id: str
    title: str
    manufacturer: str
    model: str
    hosts: list[str]
    found_by: list[str]
    identities: list[str]
    online: bool
    things: list[str]

    @classmethod
    def of(cls, device: Device, things: Iterable[Thing]) -> DeviceShape:
        """Shape a device with the things it carries."""
        return cls(
            id=device.id,
            title=device.title,
            manufacturer=device.manufacturer,
            model=device.model,
            hosts=list(device.hosts),
            found_by=sorted({f"{a.via}:{a.kind}" for a in device.announcements}),
            identities=sorted(str(identity) for identity in device.identities),
            online=device.online,
            things=[thing.id for thing in things if thing.device_id == device.id],
        )


class ValueIn(BaseModel):
    """A value to write, in the property's human unit. `confirm` says yes to what needs a yes."""

    value: JsonValue
    confirm: bool = False


class ReadingOut(BaseModel):
    """One property as just read: null when the device says nothing. `error`: why this is not from just now."""

    value: JsonValue
    at: float | None
    error: str

    @classmethod
    def of(cls, data: object, thing: str, name: str) -> ReadingOut:
        """Shape what the read tool brought back."""
        about = plain(data)
        mine = about.get(thing) if isinstance(about, dict) else None
        mine = mine if isinstance(mine, dict) else {}
        readings = mine.get("readings")
        reading = readings.get(name) if isinstance(readings, dict) else None
        reading = reading if isinstance(reading, dict) else {}
        return cls.model_validate(
            {"value": reading.get("value"), "at": reading.get("at"), "error": mine.get("error") or ""}
        )


class AdoptIn(BaseModel):
    """What to adopt (thing, device, name or URL), and what a person gives along."""

    target: str
    yes: bool = False
    code: str = ""
    secret: str = ""


class AdoptedThing(BaseModel):
    """One thing that adoption brought in or proved anew."""

    id: str
    title: str
    level: int
    capabilities: list[str]


class AdoptOut(BaseModel):
    """What adoption did, its proofs, and what it still needs from a person."""

    things: list[AdoptedThing]
    receipts: list[JsonValue]
    asked: list[str]
