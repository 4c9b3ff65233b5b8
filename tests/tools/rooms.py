"""The tools' ports in memory: things that obey, are stuck, move slowly, or have left."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import anyio

from claw.capabilities.catalog import capability
from claw.errors import DeviceOffline, NotFound, NotProven
from claw.model.change import Cause, Change
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.found import Found
from claw.model.house import Floor, House, HouseThing
from claw.model.json import Json, JsonObject
from claw.model.level import Level
from claw.model.principal import Principal, Role
from claw.model.reading import Reading, Source
from claw.model.thing import Area, Thing
from claw.tools.ports import Desk
from claw.tools.tool import Caller

OWNER = Principal("anna", "Anna", Role.OWNER)
ADULT = Principal("ben", "Ben", Role.ADULT)
GUEST = Principal("gus", "Gus", Role.GUEST)
PLAYBACK = {"play": "playing", "pause": "paused", "stop": "stopped"}


class Rooms:
    """Registry, things, readings, journal and finder of one small house, with faults to switch on."""

    def __init__(self, unit: str = "C") -> None:
        self.things: dict[str, Thing] = {}
        self.areas: dict[str, Area] = {}
        self.values: dict[str, dict[str, Json]] = {}
        self.readings: dict[tuple[str, str], Reading] = {}
        self.changes: list[Change] = []
        self.words: dict[str, tuple[Context, float, str]] = {}
        self.sent: list[tuple[str, str, Json]] = []
        self.offline: set[str] = set()
        self.stuck: set[str] = set()
        self.moving: dict[str, float] = {}
        self.network: list[Found] = []
        self.together = 0
        self.most_together = 0
        self.gate: anyio.Event | None = None
        self._unit = unit
        self._revision = 0

    def area(self, name: str, floor: str = "") -> None:
        ident = name.lower().replace(" ", "_")
        self.areas[ident] = Area(ident, name, floor=floor)
        self._revision += 1

    def add(self, title: str, kind: str, area: str = "", level: Level = Level.WITNESSED, **values: Json) -> str:
        ident = title.lower().replace(" ", "_")
        model = capability(kind)
        properties = {n: p for n, p in model.properties.items() if n in values or n not in model.optional}
        self.things[ident] = Thing(
            ident, title, f"d_{ident}", "adapter", "", "", (kind,), properties, model.actions, area=area, level=level
        )
        self.values[ident] = {name: values.get(name) for name in properties}
        for name, value in values.items():
            self.record(ident, name, value, time.time())
        self._revision += 1
        return ident

    def record(self, thing: str, name: str, value: Json, at: float) -> None:
        self.readings[thing, name] = Reading(value, at, Source.PUSH)

    def leave(self, thing: str) -> None:
        self.offline.add(thing)

    def house(self) -> House:
        domains = {"speaker": "media", "thermostat": "climate", "circuit": "switch"}
        floors = dict.fromkeys(area.floor for area in self.areas.values() if area.floor)
        return House(
            tuple(
                HouseThing(
                    t.id, t.title, domains.get(t.capabilities[0], t.capabilities[0]), t.area,
                    frozenset(t.properties), frozenset(t.actions), t.aliases,
                )
                for t in self.things.values()
            ),
            tuple(self.areas.values()),
            tuple(Floor(floor) for floor in floors),
            temperature_unit=self._unit,
            revision=self._revision,
        )  # fmt: skip

    def desk(self) -> Desk:
        return Desk(self, _Driver(self), _Readings(self), _Journal(self), _Finder(self))


class _Readings:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def get(self, thing: str, name: str) -> Reading | None:
        return self._rooms.readings.get((thing, name))


class _Journal:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def recent(self, limit: int, thing: str | None = None) -> Sequence[Change]:
        newest = [c for c in reversed(self._rooms.changes) if thing is None or c.effect.thing == thing]
        return newest[:limit]

    async def why(self, context_id: str) -> Sequence[Cause]:
        words = self._rooms.words.get(context_id)
        return [Cause(words[0], words[1], words[2])] if words else []

    async def note(self, context: Context, at: float, detail: str) -> None:
        self._rooms.words[context.id] = (context, at, detail)


class _Finder:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    async def search(self, seconds: float) -> Sequence[Found]:
        return self._rooms.network


class _Driver:
    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def get(self, id_: str) -> _Driven:
        if id_ not in self._rooms.things:
            raise NotFound(f"No thing is called {id_!r}.")
        return _Driven(self._rooms, id_)


class _Driven:
    def __init__(self, rooms: Rooms, thing: str) -> None:
        self._rooms = rooms
        self._thing = thing

    @property
    def _title(self) -> str:
        return self._rooms.things[self._thing].title

    async def read(self, *names: str, context: Context) -> Mapping[str, Reading]:
        self._answering()
        found = {}
        for name in names or tuple(self._rooms.values[self._thing]):
            self._rooms.record(self._thing, name, self._rooms.values[self._thing][name], time.time())
            found[name] = self._rooms.readings[self._thing, name]
        return found

    def _answering(self) -> None:
        if self._thing in self._rooms.offline:
            self._rooms.things[self._thing] = replace(self._rooms.things[self._thing], online=False)
            raise DeviceOffline(f"{self._title} does not answer; check its power.")

    async def write(self, name: str, value: Json, context: Context, *, confirmed: bool = False) -> Effect:
        rooms, thing = self._rooms, self._thing
        if rooms.things[thing].level < Level.WRITE_READ_BACK and not confirmed:
            raise NotProven(f"{self._title} has not been proved yet.")
        rooms.together += 1
        rooms.most_together = max(rooms.most_together, rooms.together)
        if rooms.gate is not None:
            await rooms.gate.wait()
        rooms.together -= 1
        old = rooms.values[thing].get(name)
        blank = Effect(thing, name, old, None, value, verified=False, ms=12.0, title=self._title)
        try:
            self._answering()
        except DeviceOffline as error:
            return self._keep(replace(blank, problem=str(error)), context)
        rooms.sent.append((thing, name, value))
        if thing in rooms.moving:
            rooms.values[thing][name] = rooms.moving[thing]
            return self._keep(replace(blank, new=rooms.moving[thing], settling=True), context)
        if thing in rooms.stuck:
            return self._keep(replace(blank, new=old), context)
        rooms.values[thing][name] = value
        rooms.record(thing, name, value, time.time())
        return self._keep(replace(blank, new=value, verified=True), context)

    async def invoke(
        self, action: str, arguments: JsonObject, context: Context, *, confirmed: bool = False
    ) -> Effect | None:
        self._rooms.sent.append((self._thing, action, None))
        if action not in PLAYBACK:
            return None
        old = self._rooms.values[self._thing]["playback"]
        self._rooms.values[self._thing]["playback"] = PLAYBACK[action]
        return Effect(
            self._thing, "playback", old, PLAYBACK[action], PLAYBACK[action], verified=True, ms=9.0, title=self._title
        )

    def _keep(self, effect: Effect, context: Context) -> Effect:
        self._rooms.changes.append(Change(len(self._rooms.changes), effect, context, time.time()))
        return effect


def caller(principal: Principal = OWNER, *, confirmed: bool = False) -> Caller:
    return Caller(principal, Context.new(f"text:{principal.name}"), confirmed)


def small_house(unit: str = "C") -> Rooms:
    """Three rooms, two floors, one of everything."""
    rooms = Rooms(unit)
    rooms.area("Kitchen", "downstairs")
    rooms.area("Living room", "downstairs")
    rooms.area("Bedroom", "upstairs")
    rooms.area("Garage", "downstairs")
    rooms.add("Kitchen light", "light", "kitchen", on_off=False, brightness=40, color_temperature=2700)
    rooms.add("Counter lamp", "light", "kitchen", on_off=False, brightness=60)
    rooms.add("Sink lamp", "light", "kitchen", on_off=True, brightness=60)
    rooms.add("Floor lamp", "light", "living_room", on_off=True, brightness=50, color={"hue": 0, "saturation": 0})
    rooms.add("Bedside lamp", "light", "bedroom", on_off=True, brightness=30)
    rooms.add("Bedroom shades", "cover", "bedroom", position=100)
    rooms.add(
        "Living room thermostat", "thermostat", "living_room", temperature=20.5, target_temperature=20, mode="heat"
    )
    rooms.add("Sonos One", "speaker", "living_room", playback="playing", volume=20, mute=False)
    rooms.add("Bath radio", "speaker", "bedroom", playback="paused", volume=10, mute=False)
    rooms.add("Coffee maker", "switch", "kitchen", on_off=False)
    rooms.add("Front door", "lock", "kitchen", locked=True)
    rooms.add("Garage door", "garage_door", "garage", open=False)
    rooms.add("Pool", "pool", on_off=True, water_temperature=26.0, target_temperature=27.0, heat_mode="off")
    return rooms
