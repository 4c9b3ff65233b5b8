"""Things: list, read, write, act, describe."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import JsonValue

from claw.api.gate import Gate
from claw.api.shapes import EffectShape, ThingShape, ValueIn, plain
from claw.devices.registry import Registry
from claw.errors import Forbidden, NotFound
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.json import JsonObject
from claw.model.principal import Principal
from claw.model.thing import Thing
from claw.state import State
from claw.tools.toolbox import Caller, Toolbox


def router(gate: Gate, registry: Registry, state: State, toolbox: Toolbox) -> APIRouter:
    """The thing routes. Every order goes through the toolbox, so roles and risks hold here too."""
    routes = APIRouter(prefix="/api/v1/things", tags=["things"])
    Who = Annotated[Principal, Depends(gate)]  # noqa: N806 - a type

    def find(id_: str) -> Thing:
        if id_ not in registry.things:
            raise NotFound(f"No thing has the id {id_!r}; GET /api/v1/things lists them.")
        return registry.things[id_]

    async def order(tool: str, arguments: JsonObject, principal: Principal, *, confirm: bool) -> tuple[Effect, ...]:
        caller = Caller(principal=principal, context=Context.new(f"api:{principal.name}"), confirmed=confirm)
        result = await toolbox.call(tool, arguments, caller)
        if result.needs is not None:
            raise Forbidden("This needs a confirmation; send it again with 'confirm': true once a person said yes.")
        return result.effects

    @routes.get("")
    async def things(_: Who) -> list[ThingShape]:
        """Every thing in the house with its last readings."""
        return [ThingShape.of(thing, state.of(thing.id)) for thing in registry.things.values()]

    @routes.get("/{id_}")
    async def thing(id_: str, _: Who) -> ThingShape:
        """One thing."""
        return ThingShape.of(find(id_), state.of(id_))

    @routes.put("/{id_}/properties/{name}")
    async def write(id_: str, name: str, body: ValueIn, principal: Who) -> EffectShape:
        """Write a property and read it back; `verified` says whether the device agrees."""
        arguments = {"things": [find(id_).id], "property": name, "value": body.value}
        effects = await order("set_property", arguments, principal, confirm=body.confirm)
        return EffectShape.of(effects[0])

    @routes.get("/{id_}/properties/{name}")
    async def read(id_: str, name: str, principal: Who) -> dict[str, JsonValue]:
        """Read a property from the device now."""
        arguments = {"things": [find(id_).id], "property": name}
        caller = Caller(principal=principal, context=Context.new(f"api:{principal.name}"), confirmed=False)
        result = await toolbox.call("read_property", arguments, caller)
        data = plain(result.data)
        return data if isinstance(data, dict) else {"value": data}

    @routes.post("/{id_}/actions/{name}")
    async def act(id_: str, name: str, principal: Who, body: dict[str, JsonValue] | None = None) -> list[EffectShape]:
        """Invoke an action; `{"arguments": {...}, "confirm": bool}`."""
        given = body or {}
        arguments = {"things": [find(id_).id], "action": name, "arguments": given.get("arguments") or {}}
        effects = await order("invoke_action", arguments, principal, confirm=given.get("confirm") is True)
        return [EffectShape.of(effect) for effect in effects]

    return routes
