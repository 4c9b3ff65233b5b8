"""What is in the house: devices, things, areas and adapters, in memory and kept in the store."""

from __future__ import annotations

import logging
import time
from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, cast

import anyio

from claw.adapters.document import Adapter, parse
from claw.adapters.library import library
from claw.devices.bindings import Bindings
from claw.devices.discovery import crowd
from claw.devices.discovery.crowd import Crowd
from claw.devices.discovery.identity import regroup
from claw.devices.endpoint import secret_ref
from claw.devices.grades import regraded
from claw.devices.house import build
from claw.devices.moves import Moves, Where, leave, moves
from claw.devices.names import clean, slug, spoken, unique
from claw.errors import AdapterError, InUse, NotFound
from claw.model.announcement import Announcement
from claw.model.context import Context
from claw.model.device import Device
from claw.model.events import (
    DeviceFound,
    DeviceHeard,
    DeviceMoved,
    OnlineChanged,
    ThingAdded,
    ThingChanged,
    ThingRemoved,
)
from claw.model.house import House
from claw.model.identity import Identity, Scheme
from claw.model.json import JsonObject
from claw.model.thing import Area, Thing

if TYPE_CHECKING:
    from claw.bus import Bus
    from claw.state import State
    from claw.store import Store

log = logging.getLogger(__name__)

FRESH = 3600.0  # seconds after which "last seen" alone is worth a write


class Registry:
    """The one place that knows what there is. Reading is in memory; every change is kept before it returns.

    `adapter_problems`: stored adapters that no longer parse, by id, with the reason; their things cannot be driven.
    """

    def __init__(
        self,
        store: Store,
        bus: Bus,
        state: State,
        bindings: Bindings | None = None,
        shipped: Callable[[], Mapping[str, Adapter]] = library,
    ) -> None:
        self._shipped = shipped
        self._store = store
        self._bus = bus
        self._state = state
        self._bindings = bindings or Bindings({})
        self.moves = Moves(self._bindings, store.secrets)
        self._devices = Crowd()
        self._things: dict[str, Thing] = {}
        self._areas: dict[str, Area] = {}
        self._adapters: ChainMap[str, Adapter] = ChainMap({})  # the house's own, before those that Claw ships with
        self._kept: dict[str, Device] = {}  # devices as the store has them
        self._unkept: set[str] = set()
        self._saving = anyio.Lock()
        self._house: House | None = None
        self._names: dict[str, list[str]] = {}
        self.adapter_problems: dict[str, str] = {}
        self.people: tuple[str, ...] = ()
        self.temperature_unit = "C"
        self.revision = 0

    async def load(self) -> None:
        """Fill the indexes from the store and the library."""
        self._devices = Crowd({device.id: device for device in await self._store.devices.all()})
        self._kept = dict(self._devices)
        self._things = {thing.id: thing for thing in await self._store.things.all()}
        self._areas = {area.id: area for area in await self._store.areas.all()}
        # a view: the library parses a document when it is wanted, here those of the house's things
        self._adapters = ChainMap({}, cast("MutableMapping[str, Adapter]", self._shipped()))
        for id_, document in (await self._store.adapters.all()).items():
            try:
                self._adapters[id_] = parse(document)
            except AdapterError as error:
                self.adapter_problems[id_] = str(error)
                log.warning("adapter %s cannot be used: %s", id_, error)
        for thing in self._things.values():
            self._adapters.get(thing.adapter_id)
        self.people = tuple(person.name for person in await self._store.principals.all())
        self.temperature_unit = str(await self._store.meta.get("temperature_unit") or "C")
        self._renamed()

    @property
    def devices(self) -> Mapping[str, Device]:
        """Every device ever met, by id."""
        return MappingProxyType(self._devices)

    @property
    def things(self) -> Mapping[str, Thing]:
        """Every adopted thing, by id."""
        return MappingProxyType(self._things)

    @property
    def areas(self) -> Mapping[str, Area]:
        """Every area, by id."""
        return MappingProxyType(self._areas)

    @property
    def adapters(self) -> Mapping[str, Adapter]:
        """The library's adapters and the house's own, by id; the house's own win."""
        return MappingProxyType(self._adapters)

    def things_of(self, device_id: str) -> list[Thing]:
        """The things that live in one device."""
        return [thing for thing in self._things.values() if thing.device_id == device_id]

    async def meet(
        self, announcement: Announcement, context: Context, allowed: frozenset[Where] = frozenset()
    ) -> Device | None:
        """Learn from an announcement; None when it tells of nothing we know or could use.

        `allowed`: moves that were looked at; others that take a credential along wait for their look.
        """
        if announcement.gone and (owner := self._inhabited(announcement)) is not None:
            # a goodbye is only a hint: what is known of a device that we drive stays until it fails to answer
            self._heard(owner.id, announcement, context)
            return owner
        evicted = self._devices.make_room(announcement, {thing.device_id for thing in self._things.values()})
        result = regroup(self._devices, announcement)
        if wanted := [
            move
            for move in moves(self._devices, result, self._things.values(), self._adapters)
            if move.where not in allowed
        ]:
            if await self.moves.hold(announcement, wanted):
                await self._drop(evicted)
                return self._devices.get(wanted[0].device.id)
            return await self.meet(announcement, context, allowed | {move.where for move in wanted})
        if result.device is None or len({*self._devices, *(d.id for d in result.changed)}) > crowd.MAX_DEVICES:
            await self._drop(evicted)
            return None
        # its owner was heard even when nothing about it is new
        touched = {device.id: device for device in (*result.changed, result.device)}
        before = {id_: self._devices[id_] for id_ in (*result.absorbed, *touched) if id_ in self._devices}
        changed = [self._stamp(device, gone=announcement.gone) for device in touched.values()]
        for device in changed:
            self._devices[device.id] = device
        for twin in result.absorbed:
            del self._devices[twin]
        await self._absorb(result.absorbed, before, context)
        for device in changed:
            await self._tell(before.get(device.id), device, context)
        self._heard(result.device.id, announcement, context)
        await self._drop([*evicted, *(device for device in changed if self._is_empty(device))])
        await self._keep(*(device.id for device in changed))
        return self._devices.get(result.device.id)

    async def forget(self, id_: str) -> None:
        """Drop a device that carries no things; it is met anew when it is heard again. Raises NotFound, InUse."""
        if id_ not in self._devices:
            raise NotFound(f"No device is called {id_!r}.")
        if things := self.things_of(id_):
            raise InUse(f"{id_} carries {', '.join(thing.title for thing in things)}; let them go first.")
        await self._drop([self._devices[id_]])

    def _is_empty(self, device: Device) -> bool:
        """Nothing says that it is there, nothing would tell it again, and nobody cares."""
        lasting = any(identity.scheme is not Scheme.ADDRESS for identity in device.identities)
        return not (device.announcements or lasting or device.ignored or self.things_of(device.id))

    async def _drop(self, devices: list[Device]) -> None:
        for device in devices:
            self._devices.pop(device.id, None)
        async with self._saving:
            gone = [d.id for d in devices if d.id not in self._devices and self._kept.pop(d.id, None) is not None]
            if gone:
                await self._store.devices.delete(*gone)

    def _inhabited(self, announcement: Announcement) -> Device | None:
        """The device that made this announcement, if things of ours live in it."""
        return next((d for d in self._devices.holding(announcement.key) if self.things_of(d.id)), None)

    def _stamp(self, device: Device, *, gone: bool) -> Device:
        """The device as it is kept: its name cleaned, its times set."""
        before = self._devices.get(device.id)
        now = time.time()
        return replace(
            device,
            title=clean(device.title, device.id),
            manufacturer=clean(device.manufacturer),
            model=clean(device.model),
            first_seen=before.first_seen if before is not None else now,
            last_seen=before.last_seen if gone and before is not None else now,
            online=bool(device.announcements) or any(thing.online for thing in self.things_of(device.id)),
        )

    async def _tell(self, before: Device | None, device: Device, context: Context) -> None:
        if before is None:
            self._bus.publish(DeviceFound(context=context, device_id=device.id))
        elif before.host != device.host:
            self._bus.publish(DeviceMoved(context=context, device_id=device.id, host=device.host))
            await leave(self._bindings, self._adapters, before, self.things_of(device.id))

    def _heard(self, id_: str, announcement: Announcement, context: Context) -> None:
        """A goodbye, and a word from what we hold for offline, are worth a look."""
        things = self.things_of(id_)
        if things and (announcement.gone or not all(thing.online for thing in things)):
            self._bus.publish(DeviceHeard(context=context, device_id=id_, gone=announcement.gone))

    async def _absorb(self, absorbed: Mapping[str, str], before: Mapping[str, Device], context: Context) -> None:
        """What was met as several devices proves to be one: things and credentials move over, the twins go."""
        for twin, heir in absorbed.items():
            old = before[twin]
            for thing in self.things_of(twin):
                adapter = self._adapters.get(thing.adapter_id)
                if adapter is not None:
                    await self._inherit(secret_ref(adapter.binding, twin), secret_ref(adapter.binding, heir))
                await self.put_thing(replace(thing, device_id=heir), context)
            now = self._devices[heir]
            first = min(now.first_seen, old.first_seen)
            self._devices[heir] = replace(now, first_seen=first, ignored=now.ignored or old.ignored)
            await self._drop([old])

    async def _inherit(self, ref: str, heir: str) -> None:
        value = await self._store.secrets.get(ref)
        if value is not None and await self._store.secrets.get(heir) is None:
            await self._store.secrets.put(heir, value)

    async def _keep(self, *device_ids: str) -> None:
        """Write these devices as they are now; announcements that queue up here meanwhile cost one write together."""
        self._unkept.update(device_ids)
        async with self._saving:
            due = [self._devices[id_] for id_ in self._unkept if id_ in self._devices]
            self._unkept.clear()
            if news := [device for device in due if self._is_news(device)]:
                await self._store.devices.save(*news)
                self._kept.update((device.id, device) for device in news)

    def _is_news(self, device: Device) -> bool:
        kept = self._kept.get(device.id)
        return (
            kept is None
            or replace(kept, last_seen=device.last_seen) != device
            or abs(device.last_seen - kept.last_seen) > FRESH
        )

    async def identify(self, device_id: str, who: Iterable[Identity], context: Context) -> Device:
        """Learn who a device says it is, so that it is known again at any address; the device it now belongs to."""
        device = self._devices[device_id]
        known = device.identities | frozenset(who)
        if known == device.identities:
            return device
        self._devices[device_id] = replace(device, identities=known)
        # told again with what we know now, it may prove to be a device that we have met elsewhere
        told = device.announcements[0] if device.announcements else None
        same = await self.meet(told, context) if told is not None else None
        await self._keep(device_id)
        return same or self._devices[device_id]

    async def ignore(self, device_id: str, *, ignored: bool = True) -> None:
        """Never offer this device for adoption again (or do). Raises NotFound."""
        if device_id not in self._devices:
            raise NotFound(f"No device is called {device_id!r}.")
        self._devices[device_id] = replace(self._devices[device_id], ignored=ignored)
        await self._keep(device_id)

    def new_id(self, title: str, fallback: str = "thing") -> str:
        """A free id for a thing of this name."""
        return unique(slug(title, slug(fallback)), self._things)

    async def put_thing(self, thing: Thing, context: Context) -> Thing:
        """Add or replace a thing; its title is cleaned. The thing as kept comes back."""
        thing = replace(thing, title=clean(thing.title, thing.id))
        before = self._things.get(thing.id)
        if before == thing:
            return thing
        self._things[thing.id] = thing
        await self._store.things.save(thing)
        self._renamed()
        kind = ThingAdded if before is None else ThingChanged
        self._bus.publish(kind(context=context, thing=thing.id))
        return thing

    async def remove_thing(self, id_: str, context: Context) -> None:
        """Let a thing go. Raises NotFound."""
        thing = self._thing(id_)
        del self._things[thing.id]
        await self._store.things.delete(thing.id)
        self._state.forget(thing.id)
        self._renamed()
        self._bus.publish(ThingRemoved(context=context, thing=thing.id))

    async def rename(self, id_: str, title: str, context: Context) -> Thing:
        """Call a thing something else; its id stays. Raises NotFound."""
        thing = self._thing(id_)
        return await self.put_thing(replace(thing, title=clean(title, thing.title)), context)

    async def set_aliases(self, id_: str, aliases: Iterable[str], context: Context) -> Thing:
        """Give a thing other names besides its title. Raises NotFound."""
        names = tuple(dict.fromkeys(filter(None, (clean(alias, "") for alias in aliases))))
        return await self.put_thing(replace(self._thing(id_), aliases=names), context)

    async def set_area(self, id_: str, area: str, context: Context) -> Thing:
        """Put a thing into an area, or (empty) out of any. Raises NotFound."""
        if area and area not in self._areas:
            raise NotFound(f"No area is called {area!r}. There are: {', '.join(self._areas) or 'none'}.")
        return await self.put_thing(replace(self._thing(id_), area=area), context)

    async def put_area(self, area: Area) -> Area:
        """Add or replace an area; an empty id is made from its name."""
        name = clean(area.name, area.id)
        area = replace(area, name=name, id=area.id or unique(slug(name, "area"), self._areas))
        self._areas[area.id] = area
        await self._store.areas.save(area)
        self._renamed()
        return area

    async def put_adapter(self, document: JsonObject, source: str) -> Adapter:
        """Keep an adapter document; the older revision stays in the store. Raises DocumentInvalid.

        What was proved of its things with another document holds no more.
        """
        adapter = parse(document)
        known = self._adapters.get(adapter.id)
        if known is None or known.document != adapter.document:
            await self._store.adapters.save(adapter.id, document, source)
            self._adapters[adapter.id] = adapter
            self.adapter_problems.pop(adapter.id, None)
            for thing in [thing for thing in self._things.values() if thing.adapter_id == adapter.id]:
                await self.put_thing(regraded(thing, known, adapter), Context.new(f"adapter:{source}"))
        return self._adapters[adapter.id]

    def is_made(self, adapter_id: str) -> bool:
        """Whether an adapter was made for this house and did not come with Claw."""
        return adapter_id not in self._shipped()

    async def set_online(self, id_: str, online: bool, context: Context, reason: str = "") -> None:  # noqa: FBT001 - a fact
        """Note that a thing came or went; said at once, then kept."""
        thing = self._things.get(id_)
        if thing is None or thing.online == online:
            return
        self._things[id_] = thing = replace(thing, online=online)
        self._bus.publish(OnlineChanged(context=context, thing=id_, online=online, reason=reason))
        device = self._devices.get(thing.device_id)
        any_online = online or any(each.online for each in self.things_of(thing.device_id))
        if device is not None and device.online != any_online:  # one lamp without mains is not its whole bridge
            self._devices[device.id] = replace(device, online=any_online)
            await self._keep(device.id)
        await self._store.things.save(self._things.get(id_, thing))

    def find(self, name: str) -> list[Thing]:
        """Things by id, title or alias, without case; an exact id alone when there is one."""
        if name in self._things:
            return [self._things[name]]
        return [self._things[id_] for id_ in self._names.get(spoken(name), ())]

    def house(self) -> House:
        """Names and abilities for the understanding; the same object until a name changes."""
        if self._house is None:
            self._house = build(
                self._things.values(),
                self._areas,
                self._state,
                people=self.people,
                temperature_unit=self.temperature_unit,
                revision=self.revision,
            )
        return self._house

    def _thing(self, id_: str) -> Thing:
        try:
            return self._things[id_]
        except KeyError:
            raise NotFound(f"No thing is called {id_!r}.") from None

    def _renamed(self) -> None:
        self.revision += 1
        self._house = None
        names: dict[str, list[str]] = {}
        for thing in self._things.values():
            for name in {spoken(name) for name in (thing.id, thing.title, *thing.aliases)}:
                names.setdefault(name, []).append(thing.id)
        self._names = names
