"""Look on the network for devices, now."""

from __future__ import annotations

from pydantic import JsonValue

from claw.model.affordance import Risk
from claw.model.found import Found
from claw.tools.ports import Desk
from claw.tools.tool import Caller, Tool, ToolResult, constant

LONGEST = 30.0  # seconds


async def find_devices(desk: Desk, caller: Caller, name: str = "", seconds: float = 3.0) -> ToolResult:  # noqa: ARG001
    """Search the network now and say what is there.

    name: part of a name, maker or model to look for; empty for everything. seconds: how long to listen.
    Data: found (title, host, what is driven with its area and level, and what using it would take) and others,
    the number of devices that did not match the name.
    """
    everything = await desk.finder.search(min(max(seconds, 0.1), LONGEST))
    wanted = name.casefold().split()
    found = [one for one in everything if all(word in _about(one) for word in wanted)]
    shown: list[JsonValue] = [_shown(desk, one) for one in found]
    return ToolResult(data={"found": shown, "others": len(everything) - len(found)})


def _about(found: Found) -> str:
    device = found.device
    parts = [device.title, device.manufacturer, device.model, *(thing.title for thing in found.things)]
    for announcement in device.announcements:
        parts += [announcement.kind, announcement.name, *announcement.fields.values()]
    return " ".join(parts).casefold()


def _shown(desk: Desk, found: Found) -> dict[str, JsonValue]:
    areas = desk.registry.areas
    return {
        "device": found.device.id,
        "title": _title(found),
        "maker": found.device.manufacturer,
        "host": found.device.host,
        "online": found.device.online,
        "needs": found.needs,
        "things": [
            {
                "id": thing.id,
                "title": thing.title,
                "area": areas[thing.area].name if thing.area in areas else "",
                "level": int(thing.level),
                "capabilities": list(thing.capabilities),
            }
            for thing in found.things
        ],
    }


def _title(found: Found) -> str:
    """What people call it: the one thing that it is, else the device by its name and model."""
    device = found.device
    if len(found.things) == 1:
        return found.things[0].title
    told = not device.model or device.model.casefold() in device.title.casefold()
    return device.title if told else f"{device.title} ({device.model})"


TOOL = Tool(find_devices, Risk.READ, constant(Risk.READ))
