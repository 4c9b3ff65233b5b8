"""Read what things say about themselves."""

from __future__ import annotations

import anyio
from pydantic import JsonValue

from claw.errors import ClawError, CodecError, InvalidValue
from claw.model.affordance import Risk
from claw.model.json import Json
from claw.model.reading import Reading
from claw.tools.ports import Desk
from claw.tools.tool import Caller, Tool, ToolResult, constant


async def read_property(
    desk: Desk,
    caller: Caller,
    things: list[str],
    property: str | list[str] = "",  # noqa: A002 - the word of the vocabulary
    max_age: float = 0.0,
) -> ToolResult:
    """Read properties of things, from the devices unless a young enough reading is at hand.

    things: ids. property: a name, several names, or nothing for all; names that a thing lacks are passed over.
    max_age: seconds a known reading may be old. Data, by thing: title, readings by name (value, at in Unix seconds),
    error (empty when all is well), and answered: whether the
    device did, even if it does not say what was asked.
    """
    if not things:
        raise InvalidValue("No thing was named; give at least one id.")
    names = (property,) if isinstance(property, str) else tuple(property)
    unique = tuple(dict.fromkeys(things))
    answers: dict[str, dict[str, JsonValue]] = {}

    async def one(thing: str) -> None:
        answers[thing] = await _answer(desk, caller, thing, tuple(filter(None, names)), max_age)

    for thing in unique:
        desk.things.get(thing)
    if len(unique) == 1:
        await one(unique[0])
    else:
        async with anyio.create_task_group() as group:
            for thing in unique:
                group.start_soon(one, thing)
    data: dict[str, Json] = {thing: answers[thing] for thing in unique}
    return ToolResult(data=data)


async def _answer(
    desk: Desk, caller: Caller, thing: str, names: tuple[str, ...], max_age: float
) -> dict[str, JsonValue]:
    known = desk.registry.things[thing]
    wanted = tuple(name for name in names if name in known.properties) or tuple(() if names else known.properties)
    last = {name: reading for name in wanted if (reading := desk.readings.get(thing, name)) is not None}
    error, answered = "", True
    if wanted and not (
        known.online and len(last) == len(wanted) and all(reading.younger(max_age) for reading in last.values())
    ):
        try:
            last |= await desk.things.get(thing).read(*wanted, context=caller.context)
        except ClawError as trouble:
            error, answered = str(trouble), isinstance(trouble, CodecError)
    return {
        "title": known.title,
        "readings": {name: _shown(reading) for name, reading in last.items()},
        "error": error,
        "answered": answered,
    }


def _shown(reading: Reading) -> dict[str, JsonValue]:
    value: JsonValue = reading.value  # type: ignore[assignment]  # a reading holds JSON, with read-only containers
    return {"value": value, "at": reading.at}


TOOL = Tool(read_property, Risk.READ, constant(Risk.READ))
