"""The demo's owner moves in: adopts what is announced, with every yes and code that a person would give."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import anyio

from claw.app import House
from claw.brains.soul import phrases
from claw.brains.wording import listed
from claw.devices.names import slug
from claw.errors import ClawError, NotFound
from claw.model.announcement import Via
from claw.model.context import Context
from claw.model.device import Device
from claw.model.events import Announced
from claw.model.level import Level
from claw.model.thing import Area, Thing

AREAS = {
    "Kitchen": (), "Living room": ("lounge",), "Bedroom": (), "Hall": ("hallway",), "Office": ("study",),
    "Garden": (), "Pool": (), "Street": (), "Driveway": (),
}  # fmt: skip
ROOMS = {"spa": "pool", "waterfall": "pool", "bubbler": "pool", "desk": "office"}  # where their names do not say it
LIMIT = 20.0  # seconds until whoever has not announced itself is left out
QUIET = 0.7  # seconds without news of a device: it has said everything

LISTEN = 2.0  # seconds that who was heard by SSDP alone gets: mDNS holds an answer back that it gave a second ago

Say = Callable[[str], None]


async def move_in(house: House, devices: Mapping[str, Mapping[str, Any]], say: Say) -> None:
    """Adopt the devices at these addresses (facts: `address`, `setup_code`, `login`), and say what was proved."""
    context = Context.new("demo")
    for name, aliases in AREAS.items():
        await house.registry.put_area(Area(slug(name).replace("-", "_"), name, aliases))
    waiting = {str(facts["address"]): facts for facts in devices.values()}
    listened = anyio.current_time() + LISTEN
    quiet_at: dict[str, float] = {}
    with house.bus.subscribe(Announced, buffer=8192) as news, anyio.move_on_after(LIMIT):
        async with anyio.create_task_group() as group:
            while waiting:
                now = anyio.current_time()
                quiet_at = {device.host: now + QUIET for device in house.registry.devices.values()} | quiet_at
                met = {address: device for address in waiting if (device := _at(house, address)) is not None}
                due = {a: quiet_at[a] if _by_mdns(met[a]) else max(quiet_at[a], listened) for a in met}
                with anyio.move_on_after(min(due.values(), default=now + QUIET) - now):
                    event = await news.next()
                    quiet_at |= dict.fromkeys(event.announcement.hosts, anyio.current_time() + QUIET)
                    continue
                for address in [a for a, at in due.items() if at <= anyio.current_time()]:
                    group.start_soon(_adopt, house, met[address], waiting.pop(address), context, say)
    for address in waiting:
        say(f"  - {address} has not announced itself.")


def _at(house: House, address: str) -> Device | None:
    """The device at an address; of several there, the one that has said most."""
    there = [device for device in house.registry.devices.values() if device.host == address]
    return max(there, key=lambda device: len(device.announcements), default=None)


def _by_mdns(device: Device) -> bool:
    return any(announcement.via is Via.MDNS for announcement in device.announcements)


async def _adopt(house: House, device: Device, facts: Mapping[str, Any], context: Context, say: Say) -> None:
    login = facts.get("login")
    secret = f"{login['user']}:{login['password']}" if login else ""
    code = str(facts.get("setup_code", ""))
    try:
        adopted = await house.adoption.adopt(device.id, consent=True, code=code, secret=secret, context=context)
    except NotFound:
        say(f"  · {device.title}: nothing that I know drives it yet; finding out how is for 'claw adopt' one day.")
        return
    except ClawError as error:
        say(f"  - {device.title}: {error}")
        return
    for thing in adopted.things:
        await _put_in_its_room(house, thing, context)
        if thing.level < Level.WRITE_READ_BACK and "switch" in thing.capabilities:
            await house.adoption.reverify(thing.id, context, named=True)  # the owner says yes to this very plug
    say(f"  + {_told([house.registry.things[thing.id] for thing in adopted.things])}")
    for question in adopted.asked:
        say(f"  ? {device.title}: {question}")


async def _put_in_its_room(house: House, thing: Thing, context: Context) -> None:
    room = next((area for word, area in ROOMS.items() if word in thing.title.lower().split()), "")
    if room and not thing.area:
        await house.registry.set_area(thing.id, room, context)


def _told(things: Sequence[Thing]) -> str:
    """As in "Hue Bridge lamps: driven and read back", the best proved first."""
    words = phrases().levels
    levels: dict[tuple[Level, str], list[str]] = {}
    for thing in things:
        only = thing.level is Level.LIVE_READ and all(prop.read_only for prop in thing.properties.values())
        said = "read live" if only else words[str(int(thing.level))]
        levels.setdefault((thing.level, said), []).append(thing.title)
    return "; ".join(f"{listed(titles)}: {said}" for (_, said), titles in sorted(levels.items(), reverse=True))
