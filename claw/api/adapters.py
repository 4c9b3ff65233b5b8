"""Adapter documents in and out, and proving a thing anew."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, JsonValue

from claw.api.gate import Gate, require_owner
from claw.api.house import adopted_shape
from claw.api.replies import plain
from claw.api.shapes import AdoptOut
from claw.devices.adoption import Adoption
from claw.devices.registry import Registry
from claw.errors import NotFound
from claw.model.context import Context
from claw.model.principal import Principal


class AdapterShape(BaseModel):
    """One adapter. `made`: compiled or imported here, not shipped."""

    id: str
    title: str
    version: str
    binding: str
    made: bool


class VerifyIn(BaseModel):
    """Whether harmless experiments are consented to."""

    yes: bool = False


def router(gate: Gate, registry: Registry, adoption: Adoption) -> APIRouter:
    """Adapter routes."""
    routes = APIRouter(prefix="/api/v1", tags=["adapters"])
    Who = Annotated[Principal, Depends(gate)]  # noqa: N806 - a type

    @routes.get("/adapters")
    async def adapters(_: Who) -> list[AdapterShape]:
        """Every adapter: shipped, compiled, imported."""
        return [
            AdapterShape(id=a.id, title=a.title, version=a.version, binding=a.binding, made=registry.is_made(a.id))
            for a in registry.adapters.values()
        ]

    @routes.get("/adapters/{id_}")
    async def adapter(id_: str, _: Who) -> JsonValue:
        """One document, by its id or the end of it."""
        for known in registry.adapters.values():
            if known.id == id_ or known.id.endswith(f":{id_}"):
                return plain(known.document)
        raise NotFound(f"No adapter has the id {id_!r}; GET /api/v1/adapters lists them.")

    @routes.post("/adapters", status_code=201)
    async def bring(document: dict[str, JsonValue], principal: Who) -> AdapterShape:
        """Check a document and keep it; the older revision is kept too."""
        require_owner(principal)
        kept = await registry.put_adapter(document, f"imported:{principal.name}")
        return AdapterShape(id=kept.id, title=kept.title, version=kept.version, binding=kept.binding, made=True)

    @routes.post("/things/{id_}/verify")
    async def verify(id_: str, body: VerifyIn, principal: Who) -> AdoptOut:
        """Prove a thing's adapter again on the device."""
        require_owner(principal)
        if id_ not in registry.things:
            raise NotFound(f"No thing has the id {id_!r}; GET /api/v1/things lists them.")
        context = Context.new(f"verify:{principal.name}")
        return adopted_shape(await adoption.adopt(id_, consent=body.yes, context=context))

    return routes
