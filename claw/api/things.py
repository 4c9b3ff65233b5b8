"""Things: list, read, write, act."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import JsonValue

from claw.api.gate import Gate
from claw.api.replies import EffectShape
from claw.api.shapes import ReadingOut, ThingShape, ValueIn
from claw.devices.registry import Registry
from claw.errors import Forbidden, NotFound
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.json import Json, JsonObject
from claw.model.principal import Principal
from claw.model.thing import Thing
from claw.state import State
from claw.tools.toolbox import Caller, Toolbox, ToolResult


class Orders:
    """What people do to things over the API. Every order goes through the toolbox: roles and risks hold here too."""

    def __init__(self, registry: Registry, toolbox: Toolbox) -> None:
        self._registry = registry
        self._toolbox = toolbox

    def find(self, id_: str) -> Thing:
        """A thing by id. Raises NotFound."""
        if id_ not in self._registry.things:
            raise NotFound(f"No thing has the id {id_!r}; GET /api/v1/things lists them.")
        return self._registry.things[id_]

    async def write(self, id_: str, name: str, body: ValueIn, who: Principal) -> Effect:
        """Set a property. Dimming a lamp that is off also turns it on; the answer is about what was asked."""
        arguments = {"things": [self.find(id_).id], "property": name, "value": body.value}
        effects = (await self._call("set_property", arguments, who, confirm=body.confirm)).effects
        return next((effect for effect in effects if effect.property == name), effects[0])

    async def read(self, id_: str, name: str, who: Principal) -> Json:
        """Read a property now."""
        thing = self.find(id_)
        if name not in thing.properties:
            raise NotFound(f"{thing.title} has no property {name!r}; it has {', '.join(thing.properties)}.")
        return (await self._call("read_property", {"things": [id_], "property": name}, who)).data

    async def act(self, id_: str, name: str, body: JsonObject, who: Principal) -> tuple[Effect, ...]:
        """Invoke an action."""
        arguments = {"things": [self.find(id_).id], "action": name, "arguments": body.get("arguments") or {}}
        return (await self._call("invoke_action", arguments, who, confirm=body.get("confirm") is True)).effects

    async def _call(self, tool: str, given: JsonObject, who: Principal, *, confirm: bool = False) -> ToolResult:
        caller = Caller(principal=who, context=Context.new(f"api:{who.name}"), confirmed=confirm)
        result = await self._toolbox.call(tool, given, caller)
        if result.needs is not None:
            raise Forbidden("This needs a confirmation; send it again with 'confirm': true once a person said yes.")
        return result


def router(gate: Gate, registry: Registry, state: State, toolbox: Toolbox) -> APIRouter:
    """The thing routes."""
    routes = APIRouter(prefix="/api/v1/things", tags=["things"])
    orders = Orders(registry, toolbox)
    Who = Annotated[Principal, Depends(gate)]  # noqa: N806 - a type

    @routes.get("")
    async def things(_: Who) -> list[ThingShape]:
        """Every thing in the house with its last readings."""
        return [ThingShape.of(thing, state.of(thing.id)) for thing in registry.things.values()]

    @routes.get("/{id_}")
    async def thing(id_: str, _: Who) -> ThingShape:
        """One thing."""
        return ThingShape.of(orders.find(id_), state.of(id_))

    @routes.put("/{id_}/properties/{name}")
    async def write(id_: str, name: str, body: ValueIn, who: Who) -> EffectShape:
        """Write a property and read it back; `verified` says whether the device agrees."""
        return EffectShape.of(await orders.write(id_, name, body, who))

    @routes.get("/{id_}/properties/{name}")
    async def read(id_: str, name: str, who: Who) -> ReadingOut:
        """Read a property from the device now; `error` says why when it is only the last known value."""
        return ReadingOut.of(await orders.read(id_, name, who), id_, name)

    @routes.post("/{id_}/actions/{name}")
    async def act(id_: str, name: str, who: Who, body: dict[str, JsonValue] | None = None) -> list[EffectShape]:
        """Invoke an action; `{"arguments": {...}, "confirm": bool}`."""
        return [EffectShape.of(effect) for effect in await orders.act(id_, name, body or {}, who)]

    return routes
