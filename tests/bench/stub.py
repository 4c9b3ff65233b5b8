"""A Hue v1 bridge with one lamp that notes when each order arrives: `python -m tests.bench.stub PORT`.

GET /log returns and clears `[CLOCK_MONOTONIC seconds, path]` of every order since the last call.
"""

from __future__ import annotations

import sys
import time

from aiohttp import web

LAMP = {
    "state": {"on": False, "bri": 254, "alert": "none", "mode": "homeautomation", "reachable": True},
    "type": "Dimmable light",
    "name": "Reading lamp",
    "modelid": "LWB010",
    "manufacturername": "Signify Netherlands B.V.",
    "productname": "Hue white lamp",
    "uniqueid": "00:17:88:01:00:be:nc:01-0b",
    "swversion": "1.104.2",
}
CONFIG = {
    "name": "Bench bridge",
    "bridgeid": "001788FFFEBE0C01",
    "mac": "00:17:88:be:0c:01",
    "modelid": "BSB002",
    "apiversion": "1.16.0",
    "swversion": "1967054020",
    "datastoreversion": "60",
    "factorynew": False,
    "replacesbridgeid": None,
    "starterkitid": "",
}


def app() -> web.Application:
    """The bridge."""
    log: list[tuple[float, str]] = []
    state = dict(LAMP["state"])  # type: ignore[call-overload]

    async def order(request: web.Request) -> web.Response:
        log.append((time.monotonic(), request.path))
        body = await request.json()
        state.update({key: value for key, value in body.items() if key in state})
        return web.json_response([{"success": {f"/lights/1/state/{key}": value}} for key, value in body.items()])

    async def lights(_: web.Request) -> web.Response:
        return web.json_response({"1": LAMP | {"state": state}})

    async def light(_: web.Request) -> web.Response:
        return web.json_response(LAMP | {"state": state})

    async def config(_: web.Request) -> web.Response:
        return web.json_response(CONFIG)

    async def none(_: web.Request) -> web.Response:
        return web.json_response({})

    async def user(_: web.Request) -> web.Response:
        return web.json_response([{"success": {"username": "benchuser"}}])

    async def arrivals(_: web.Request) -> web.Response:
        out = log[:]
        log.clear()
        return web.json_response(out)

    bridge = web.Application()
    bridge.add_routes(
        [
            web.get("/log", arrivals),
            web.post("/api", user),
            web.get("/api/config", config),
            web.get("/api/{user}/config", config),
            web.get("/api/{user}/lights", lights),
            web.get("/api/{user}/lights/1", light),
            web.get("/api/{user}/sensors", none),
            web.put("/api/{user}/lights/1/state", order),
        ]
    )
    return bridge


if __name__ == "__main__":
    web.run_app(app(), host="127.0.0.1", port=int(sys.argv[1]), print=None, access_log=None)
