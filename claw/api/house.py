"""The house itself: devices on the LAN, discovery, adoption, the journal, tokens."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from typing import Annotated

import anyio
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field, JsonValue

from claw.api.gate import Gate, require_owner
from claw.api.replies import plain
from claw.api.shapes import AdoptedThing, AdoptIn, AdoptOut, DeviceShape
from claw.devices.adoption import Adopted, Adoption
from claw.devices.registry import Registry
from claw.errors import ClawError
from claw.model.context import Context
from claw.model.principal import Principal
from claw.model.thing import Thing

Search = Callable[[float, bool], Awaitable[None]]


class DiscoverIn(BaseModel):
    """How long to look, and whether to knock on doors too."""

    seconds: float = Field(default=3.0, gt=0, le=60)
    sweep: bool = False


def router(gate: Gate, registry: Registry, adoption: Adoption, search: Search) -> APIRouter:
    """Devices, discovery and adoption."""
    routes = APIRouter(prefix="/api/v1", tags=["house"])
    Who = Annotated[Principal, Depends(gate)]  # noqa: N806 - a type

    def shapes() -> list[DeviceShape]:
        things: dict[str, list[Thing]] = {}
        for thing in registry.things.values():
            things.setdefault(thing.device_id, []).append(thing)
        return [DeviceShape.of(device, things.get(device.id, ())) for device in registry.devices.values()]

    @routes.get("/devices")
    async def devices(_: Who) -> list[DeviceShape]:
        """Every physical device that was ever met."""
        return shapes()

    @routes.post("/discover")
    async def discover(body: DiscoverIn, principal: Who) -> list[DeviceShape]:
        """Search now, and list what is there."""
        if body.sweep:
            require_owner(principal)
        await search(body.seconds, body.sweep)
        return shapes()

    @routes.post("/adopt", response_model=AdoptOut)
    async def adopt(body: AdoptIn, principal: Who) -> StreamingResponse:
        """Adopt a device: JSON lines, `{"progress": str}` while it works and the result as the last line."""
        require_owner(principal)
        return StreamingResponse(_adopting(adoption, body, principal), media_type="application/x-ndjson")

    return routes


def _line(body: JsonValue) -> str:
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False) + "\n"


def adopted_shape(adopted: Adopted) -> AdoptOut:
    """The contract's form of what adoption did."""
    things = [
        AdoptedThing(id=t.id, title=t.title, level=int(t.level), capabilities=list(t.capabilities))
        for t in adopted.things
    ]
    return AdoptOut(things=things, receipts=[plain(r) for r in adopted.receipts], asked=list(adopted.asked))


async def _adopting(adoption: Adoption, body: AdoptIn, principal: Principal) -> AsyncGenerator[str, None]:
    send, receive = anyio.create_memory_object_stream[str](64)

    def progress(words: str) -> None:
        with suppress(anyio.WouldBlock):  # the reader lags; progress is not worth waiting for
            send.send_nowait(_line({"progress": words}))

    async def work() -> None:
        async with send:
            try:
                adopted = await adoption.adopt(
                    body.target,
                    consent=body.yes,
                    code=body.code,
                    secret=body.secret,
                    context=Context.new(f"adopt:{principal.name}"),
                    progress=progress,
                )
            except ClawError as error:
                await send.send(_line({"detail": str(error), "type": f"urn:claw:problem:{error.code}"}))
            else:
                await send.send(_line(plain(adopted_shape(adopted).model_dump())))

    async with anyio.create_task_group() as group, receive:
        group.start_soon(work)
        async for line in receive:
            yield line
