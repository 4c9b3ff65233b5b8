"""A Shelly Plus Plug (Gen 2 RPC on HTTP and WebSocket) that meters the lamp behind it: an independent witness."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import anyio
from aiohttp import WSMsgType, web

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device
from claw.simulator.ground import Ground
from claw.simulator.mdns import MdnsService

VOLTAGE = 230.4
_BAD_ARGUMENT, _NOT_FOUND, _NO_HANDLER = -103, -105, 404


class Load(Protocol):
    """Something that draws power from a socket."""

    def watts(self) -> float:
        """What it draws now."""
        ...

    def mains(self, *, on: bool) -> None:
        """Give it mains, or take it away."""
        ...


class RpcRefusal(Exception):
    """An RPC that fails with a code; never leaves this file."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


class ShellyPlug(Device):
    """The plug. `settle` must be called before its load changes, so that the energy counter is right."""

    def __init__(self, name: str, number: int, ground: Ground, load: Load) -> None:
        super().__init__(name, number, ground)
        self.on = True
        self._load = load
        self._energy = 0.0  # watt hours
        self._counted = ground.clock.now()
        self._drawn = load.watts()
        self._title = "Desk plug"
        self._sockets: set[web.WebSocketResponse] = set()

    @property
    def mac(self) -> str:
        """A MAC address out of an Espressif block."""
        return self.ground.mac(self._number, "a8032a")

    @property
    def id(self) -> str:
        """The device id on its label."""
        return f"shellyplusplugs-{self.mac}"

    @property
    def _output(self) -> str:
        return "state" if self.fault.new_firmware else "output"

    def routes(self) -> Sequence[web.RouteDef]:
        """RPC as GET, as POST and as a WebSocket."""
        return [
            web.get("/shelly", self._shelly),
            web.get("/rpc", self._socket),
            web.post("/rpc", self._post),
            web.get("/rpc/{method}", self._get),
            web.post("/rpc/{method}", self._get),
        ]

    def services(self) -> Sequence[MdnsService]:
        """`_shelly._tcp` and `_http._tcp`, as Gen 2 devices do."""
        name = self.id.replace("shellyplusplugs", "ShellyPlusPlugS").replace(self.mac, self.mac.upper())
        txt = {"gen": "2", "app": "PlusPlugS", "ver": self._version()}
        return [
            MdnsService(kind, name, self.ports["http"], {**txt, **more}, host=name)
            for kind, more in (
                ("_shelly._tcp", {}),
                ("_http._tcp", {"id": self.id, "arch": "esp32", "fw_id": "20241011"}),
            )
        ]

    def describe(self) -> dict[str, Json]:
        """The general description and the device id."""
        return {**super().describe(), "id": self.id}

    def truth(self) -> JsonObject:
        """The relay, and what flows through it."""
        self.settle()
        return {"on": self.on, "watts": round(self._watts(), 2), "watt_hours": round(self._energy, 4)}

    def settle(self) -> None:
        """Count the energy up to now, taking the mean of the draw then and now."""
        now, drawn = self.ground.clock.now(), self._watts()
        self._energy += (self._drawn + drawn) / 2 * (now - self._counted) / 3600
        self._counted, self._drawn = now, drawn

    def _watts(self) -> float:
        return self._load.watts() if self.on else 0.0

    def _version(self) -> str:
        return "2.0.0" if self.fault.new_firmware else "1.4.4"

    async def _call(self, method: str, params: JsonObject) -> Json:
        answers: Mapping[str, Callable[[], Json]] = {
            "Shelly.GetDeviceInfo": self._info,
            "Shelly.GetStatus": lambda: {
                "switch:0": self._status(),
                "sys": self._sys(),
                "wifi": {"sta_ip": self.address},
                "cloud": {},
            },
            "Shelly.GetConfig": lambda: {
                "switch:0": self._config(),
                "sys": {"device": {"name": self._title, "mac": self.mac.upper()}},
            },
            "Shelly.GetComponents": lambda: {
                "components": [{"key": "switch:0", "status": self._status(), "config": self._config()}],
                "cfg_rev": 4,
                "offset": 0,
                "total": 1,
            },
            "Shelly.ListMethods": lambda: {"methods": [*answers, *_SWITCH]},
            "Sys.GetStatus": self._sys,
        }
        if method in answers:
            return answers[method]()
        if method not in _SWITCH:
            raise RpcRefusal(_NO_HANDLER, f"No handler for {method}")
        if str(params.get("id", "")) != "0":
            raise RpcRefusal(_NOT_FOUND, f"Argument 'id', value {params.get('id')} not found!")
        return await self._switch(method, params)

    async def _switch(self, method: str, params: JsonObject) -> Json:
        if method == "Switch.GetStatus":
            return self._status()
        if method == "Switch.GetConfig":
            return self._config()
        was = self.on
        wanted = not was if method == "Switch.Toggle" else params.get("turn" if self.fault.new_firmware else "on")
        if not isinstance(wanted, bool):
            raise RpcRefusal(_BAD_ARGUMENT, "Missing or bad argument 'on'!")
        if not self.fault.mute and wanted != was:
            self.settle()
            self.on = wanted
            self._load.mains(on=wanted)
            self._drawn = self._watts()
            await self._notify()
        return {"was_on": was}

    def _status(self) -> dict[str, Json]:
        self.settle()
        watts = self._watts()
        return {
            "id": 0,
            "source": "HTTP_in",
            self._output: self.on,
            "apower": round(watts, 1),
            "voltage": VOLTAGE,
            "current": round(watts / VOLTAGE, 3),
            "aenergy": {"total": round(self._energy, 3), "by_minute": [0.0, 0.0, 0.0], "minute_ts": 0},
            "temperature": {"tC": round(31 + watts / 10, 1), "tF": round((31 + watts / 10) * 1.8 + 32, 1)},
        }

    def _config(self) -> dict[str, Json]:
        return {
            "id": 0,
            "name": self._title,
            "initial_state": "restore_last",
            "auto_on": False,
            "auto_off": False,
            "power_limit": 2500,
        }

    def _sys(self) -> dict[str, Json]:
        return {"mac": self.mac.upper(), "restart_required": False, "uptime": int(self.ground.clock.now())}

    def _info(self) -> dict[str, Json]:
        return {
            "name": self._title,
            "id": self.id,
            "mac": self.mac.upper(),
            "slot": 0,
            "model": "SNPL-00112EU",
            "gen": 2,
            "fw_id": f"20241011-114455/{self._version()}-g6d2a586",
            "ver": self._version(),
            "app": "PlusPlugS",
            "auth_en": False,
            "auth_domain": None,
        }

    async def _shelly(self, _request: web.Request) -> web.Response:
        return web.json_response(self._info())

    async def _get(self, request: web.Request) -> web.Response:
        params: dict[str, Json] = {name: _value(text) for name, text in request.query.items()}
        if request.method == "POST" and request.can_read_body:
            params |= await _object(request)
        try:
            return web.json_response(await self._call(request.match_info["method"], params))
        except RpcRefusal as refusal:
            status = 404 if refusal.code == _NO_HANDLER else 500
            return web.json_response({"code": refusal.code, "message": str(refusal)}, status=status)

    async def _post(self, request: web.Request) -> web.Response:
        return web.json_response(await self._frame(await _object(request)))

    async def _frame(self, frame: Mapping[str, Json]) -> JsonObject:
        head: dict[str, Json] = {"id": frame.get("id"), "src": self.id, "dst": frame.get("src")}
        params = frame.get("params")
        try:
            result = await self._call(str(frame.get("method")), params if isinstance(params, dict) else {})
        except RpcRefusal as refusal:
            return head | {"error": {"code": refusal.code, "message": str(refusal)}}
        return head | {"result": result}

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    await socket.send_json(await self._frame(_parse(message.data)))
        finally:
            self._sockets.discard(socket)
        return socket

    async def _notify(self) -> None:
        frame = {
            "src": self.id,
            "dst": "user_1",
            "method": "NotifyStatus",
            "params": {"ts": round(self.ground.clock.now(), 2), "switch:0": {"id": 0, self._output: self.on}},
        }
        with anyio.move_on_after(1):
            for socket in tuple(self._sockets):
                try:
                    await socket.send_json(frame)
                except ConnectionError:
                    self._sockets.discard(socket)


_SWITCH = ("Switch.GetStatus", "Switch.GetConfig", "Switch.Set", "Switch.Toggle")


def _value(text: str) -> Json:
    parsed = _json(text)
    return text if parsed is None else parsed


def _json(text: str) -> Json:
    try:
        parsed: Json = json.loads(text)
    except ValueError:
        return None
    return parsed


def _parse(text: str) -> Mapping[str, Json]:
    parsed = _json(text)
    return parsed if isinstance(parsed, dict) else {}


async def _object(request: web.Request) -> Mapping[str, Json]:
    return _parse(await request.text())
