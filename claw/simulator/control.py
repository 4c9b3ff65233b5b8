"""A loopback HTTP endpoint to watch and direct a simulated house from another process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

from claw.errors import ClawError, InvalidValue
from claw.model.json import Json
from claw.simulator.device import Answering
from claw.simulator.fault import Fault
from claw.simulator.house import SimulatedHouse
from claw.simulator.serving import HttpServer

LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def control(house: SimulatedHouse, port: int = 0) -> AsyncIterator[str]:
    """Serve the endpoint for as long as the block lasts; gives its URL."""
    server = HttpServer(_app(house))
    try:
        found = await server.open(LOOPBACK, port)
        yield f"http://{LOOPBACK}:{found}"
    finally:
        await server.close()


def _app(house: SimulatedHouse) -> web.Application:
    async def truth(_request: web.Request) -> web.Response:
        return web.json_response(house.truth())

    async def devices(_request: web.Request) -> web.Response:
        return web.json_response(house.describe())

    async def faults(_request: web.Request) -> web.Response:
        return web.json_response({name: device.fault.to_json() for name, device in house.devices.items()})

    async def set_fault(request: web.Request) -> web.Response:
        fault = Fault.parse(await _body(request))
        await house.faults.set(request.match_info["device"], fault)
        return web.json_response(fault.to_json())

    async def clear_fault(request: web.Request) -> web.Response:
        await house.faults.clear(request.match_info["device"])
        return web.json_response(Fault().to_json())

    async def scene(request: web.Request) -> web.Response:
        house.scene.direct(await _body(request))
        return web.json_response(house.scene.truth())

    async def mains(request: web.Request) -> web.Response:
        body = await _body(request)
        on = body.get("on") if isinstance(body, dict) else None
        if not isinstance(on, bool):
            raise InvalidValue('Mains are {"on": true} or {"on": false}.')
        house.mains(request.match_info["device"], request.match_info["lamp"], on=on)
        return web.json_response({"on": on})

    async def press(request: web.Request) -> web.Response:
        house.press(request.match_info["device"])
        return web.json_response({"pressed": True})

    app = web.Application(middlewares=[_explain])
    app.add_routes(
        [
            web.get("/truth", truth),
            web.get("/devices", devices),
            web.get("/faults", faults),
            web.put("/faults/{device}", set_fault),
            web.delete("/faults/{device}", clear_fault),
            web.post("/scene", scene),
            web.put("/mains/{device}/{lamp}", mains),
            web.post("/press/{device}", press),
        ]
    )
    return app


@web.middleware
async def _explain(request: web.Request, handler: Answering) -> web.StreamResponse:
    try:
        return await handler(request)
    except ClawError as error:
        return web.json_response({"detail": str(error)}, status=error.status)


async def _body(request: web.Request) -> Json:
    try:
        body: Json = await request.json()
    except ValueError as error:
        raise InvalidValue("The body is not JSON.") from error
    return body
