"""What people decide about things: names, areas, and whether they belong here at all."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from claw.api.gate import Gate, require_owner
from claw.api.shapes import ThingShape
from claw.devices.farewell import Farewell
from claw.devices.registry import Registry
from claw.errors import NotFound
from claw.model.context import Context
from claw.model.principal import Principal
from claw.model.thing import Area
from claw.state import State

Name = Annotated[str, Field(min_length=1, max_length=64)]


class ThingPatch(BaseModel):
    """What to change about a thing; what is left out stays. `area`: an id, or empty for none."""

    title: Name | None = None
    area: str | None = None
    aliases: list[Name] | None = None


class AreaShape(BaseModel):
    """A room or place."""

    id: str
    name: str
    aliases: list[str] = []
    floor: str = ""

    @classmethod
    def of(cls, area: Area) -> "AreaShape":
        """Shape an area."""
        return cls(id=area.id, name=area.name, aliases=list(area.aliases), floor=area.floor)


class AreaIn(BaseModel):
    """An area to add, or to replace under the same id."""

    name: Name
    id: str = ""
    aliases: list[Name] = []
    floor: str = ""


class DevicePatch(BaseModel):
    """Whether to stop offering a device."""

    ignored: bool


def router(  # noqa: C901 - a list of routes, with one decision among them
    gate: Gate, registry: Registry, state: State, farewell: Farewell
) -> APIRouter:
    """Naming routes; owners only, but for looking."""
    routes = APIRouter(prefix="/api/v1", tags=["names"])
    Who = Annotated[Principal, Depends(gate)]  # noqa: N806 - a type

    @routes.patch("/things/{id_}")
    async def patch(id_: str, body: ThingPatch, principal: Who) -> ThingShape:
        """Rename a thing, put it into an area, or give it other names."""
        require_owner(principal)
        if id_ not in registry.things:
            raise NotFound(f"No thing has the id {id_!r}; GET /api/v1/things lists them.")
        context = Context.new(f"api:{principal.name}")
        if body.area is not None:
            await registry.set_area(id_, body.area, context)
        if body.aliases is not None:
            await registry.set_aliases(id_, body.aliases, context)
        if body.title is not None:
            await registry.rename(id_, body.title, context)
        return ThingShape.of(registry.things[id_], state.of(id_))

    @routes.delete("/things/{id_}", status_code=204)
    async def forget(id_: str, principal: Who) -> None:
        """Let a thing go; with the last of a device, its pairing and credentials end too."""
        require_owner(principal)
        await farewell.forget(id_, Context.new(f"api:{principal.name}"))

    @routes.get("/areas")
    async def areas(_: Who) -> list[AreaShape]:
        """Every area."""
        return [AreaShape.of(area) for area in registry.areas.values()]

    @routes.put("/areas")
    async def put_area(body: AreaIn, principal: Who) -> AreaShape:
        """Add or replace an area; an id is made from the name when none is given."""
        require_owner(principal)
        return AreaShape.of(await registry.put_area(Area(body.id, body.name, tuple(body.aliases), body.floor)))

    @routes.patch("/devices/{id_}", status_code=204)
    async def ignore(id_: str, body: DevicePatch, principal: Who) -> None:
        """Never offer a device again, or do."""
        require_owner(principal)
        await registry.ignore(id_, ignored=body.ignored)

    @routes.delete("/devices/{id_}", status_code=204)
    async def drop(id_: str, principal: Who) -> None:
        """Forget a device that carries no things; it is met anew when it is heard again."""
        require_owner(principal)
        await registry.forget(id_)

    return routes
