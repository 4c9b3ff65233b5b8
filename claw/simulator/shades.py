"""A PowerView Gen 3 gateway with three shades that take seconds to move (its local API: /home and /gateway)."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import anyio
from aiohttp import web
from anyio.streams.memory import MemoryObjectSendStream

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device
from claw.simulator.ground import Ground
from claw.simulator.mdns import MdnsService
from claw.simulator.physics import Ramp

SPEED = 0.125  # of the whole way a second: eight seconds from closed to open
_SHADES = (
    ("Living room shade", "Living room", 1.0),
    ("Bedroom shade", "Bedroom", 0.0),
    ("Office shade", "Office", 0.5),
)
_FIRST_ID = 68
_FIRST_ROOM = 12


class Shade:
    """One roller shade: 0 closed, 1 open."""

    def __init__(self, number: int, room: int, name: str, position: float) -> None:
        self.id = number
        self.room = room
        self.name = name
        self.way = Ramp(position, SPEED)


class ShadeGateway(Device):
    """The gateway."""

    def __init__(self, name: str, number: int, ground: Ground) -> None:
        super().__init__(name, number, ground)
        self.shades = [
            Shade(_FIRST_ID + i, _FIRST_ROOM + i, title, position) for i, (title, _, position) in enumerate(_SHADES)
        ]
        self._listeners: set[MemoryObjectSendStream[dict[str, Json]]] = set()

    @property
    def mac(self) -> str:
        """A MAC address out of a Hunter Douglas block."""
        return self.ground.mac(self._number, "00266f")

    @property
    def serial(self) -> str:
        """The serial number on the label."""
        return f"A{self.mac[6:].upper()}3G"

    @property
    def _field(self) -> str:
        return "rail" if self.fault.new_firmware else "primary"

    def routes(self) -> Sequence[web.RouteDef]:
        """The gateway's API."""
        return [
            web.get("/gateway", self._gateway),
            web.get("/gateway/info", self._info),
            web.get("/home", self._home),
            web.get("/home/rooms", self._rooms),
            web.get("/home/scenes", self._scenes),
            web.get("/home/automations", self._scenes),
            web.get("/home/shades", self._list),
            web.get("/home/shades/events", self._events),
            web.put("/home/shades/positions", self._move),
            web.put("/home/shades/stop", self._stop),
            web.get("/home/shades/{id}", self._one),
            web.put("/home/shades/{id}/motion", self._jog),
        ]

    def services(self) -> Sequence[MdnsService]:
        """`_PowerView-G3._tcp`."""
        kind, host = "_PowerView-G3._tcp", f"PowerView-G3-{self.serial}"
        txt = {"serial": self.serial, "mac": _colons(self.mac), "fwVersion": self._version()}
        return [MdnsService(kind, f"PowerView {self.serial}", self.ports["http"], txt, host=host)]

    def describe(self) -> dict[str, Json]:
        """The general description and the serial number."""
        return {**super().describe(), "serial": self.serial}

    def truth(self) -> JsonObject:
        """Where the shades really are."""
        now = self.ground.clock.now()
        return {
            str(shade.id): {
                "name": shade.name,
                "open": round(shade.way.at(now), 4),
                "moving": now < shade.way.arrival(),
            }
            for shade in self.shades
        }

    def _version(self) -> str:
        return "4.0.3" if self.fault.new_firmware else "3.2.49"

    def _shade(self, shade: Shade) -> dict[str, Json]:
        now = self.ground.clock.now()
        way = shade.way
        motion = None if now >= way.arrival() else "opening" if way.target > way.at(now) else "closing"
        return {
            "id": shade.id,
            "type": 5,
            "name": base64.b64encode(shade.name.encode()).decode(),
            "ptName": shade.name,
            "motion": motion,
            "capabilities": 0,
            "powerType": 1,
            "batteryStatus": 3,
            "roomId": shade.room,
            "firmware": {"revision": 3, "subRevision": 0, "build": 359},
            "positions": {self._field: round(way.at(now), 2), "secondary": 0, "tilt": 0, "velocity": 0},
            "signalStrength": -52,
            "bleName": f"DUE:{shade.id:04X}",
            "shadeGroupIds": [],
        }

    def _asked(self, request: web.Request) -> list[Shade]:
        wanted = set(request.query.get("ids", request.match_info.get("id", "")).split(","))
        return [shade for shade in self.shades if str(shade.id) in wanted]

    async def _list(self, _request: web.Request) -> web.Response:
        return web.json_response([self._shade(shade) for shade in self.shades])

    async def _one(self, request: web.Request) -> web.Response:
        found = self._asked(request)
        return web.json_response(self._shade(found[0])) if found else _refuse(404, "Shade not found")

    async def _move(self, request: web.Request) -> web.Response:
        shades = self._asked(request)
        try:
            wanted = (await request.json())["positions"][self._field]
        except (ValueError, KeyError, TypeError):
            return _refuse(400, "Bad positions")
        if isinstance(wanted, bool) or not isinstance(wanted, int | float) or not 0 <= wanted <= 1:
            return _refuse(400, "Position out of range")
        if not shades:
            return _refuse(404, "Shade not found")
        for shade in shades:
            if not self.fault.mute:
                shade.way.go(float(wanted), self.ground.clock.now())
                self._tell("motion-started", shade)
                self.ground.tasks.start_soon(self._arrive, shade)
        return _accepted(shades)

    async def _stop(self, request: web.Request) -> web.Response:
        shades = self._asked(request)
        for shade in shades:
            if not self.fault.mute:
                shade.way.stop(self.ground.clock.now())
                self._tell("motion-stopped", shade)
        return _accepted(shades) if shades else _refuse(404, "Shade not found")

    async def _jog(self, request: web.Request) -> web.Response:
        shades = self._asked(request)
        return _accepted(shades) if shades else _refuse(404, "Shade not found")

    async def _arrive(self, shade: Shade) -> None:
        due = shade.way.arrival()
        await self.ground.clock.sleep(due - self.ground.clock.now())
        if shade.way.arrival() == due:  # not sent elsewhere meanwhile
            self._tell("motion-stopped", shade)

    def _tell(self, event: str, shade: Shade) -> None:
        document: dict[str, Json] = {
            "evt": event,
            "isoDate": datetime.now(tz=UTC).isoformat(timespec="milliseconds"),
            "bleName": f"DUE:{shade.id:04X}",
            "id": shade.id,
            "currentPositions": self._shade(shade)["positions"],
            "targetPositions": {self._field: round(shade.way.target, 2)},
        }
        for listener in tuple(self._listeners):
            try:
                listener.send_nowait(document)
            except (anyio.WouldBlock, anyio.BrokenResourceError):
                self._listeners.discard(listener)

    async def _events(self, request: web.Request) -> web.StreamResponse:
        sse = request.query.get("sse", "true") != "false"
        kind = "text/event-stream" if sse else "application/json"
        response = web.StreamResponse(headers={"Content-Type": kind})
        send, receive = anyio.create_memory_object_stream[dict[str, Json]](64)
        self._listeners.add(send)
        try:
            with send, receive:
                await response.prepare(request)
                async for document in receive:
                    text = json.dumps(document)
                    await response.write(f"data: {text}\n\n".encode() if sse else f"{text}\n".encode())
        except ConnectionError:
            pass  # the listener left
        finally:
            self._listeners.discard(send)
        return response

    async def _gateway(self, _request: web.Request) -> web.Response:
        revision, sub, build = (int(part) for part in self._version().split("."))
        processor = {"revision": revision, "subRevision": sub, "build": build, "name": "Powerview Generation 3"}
        network = {"ipAddress": self.address, "ssid": "home", "primaryMacAddress": _colons(self.mac)}
        config = {
            "serialNumber": self.serial,
            "hubName": "PowerView gateway",
            "firmware": {"mainProcessor": processor, "radios": [{**processor, "name": "Radio"}]},
            "networkStatus": network,
            "mgwConfig": {"primary": True},
            "mgwStatus": {"running": False},
        }
        return web.json_response({"config": config})

    async def _info(self, _request: web.Request) -> web.Response:
        info = {"fwVersion": self._version(), "serialNumber": self.serial}
        return web.json_response(info)

    async def _home(self, _request: web.Request) -> web.Response:
        gateway = {"id": 1, "name": "PowerView gateway", "serial": self.serial, "mac": _colons(self.mac)}
        return web.json_response(
            {
                "id": 1,
                "gateways": [gateway],
                "rooms": self._room_list(),
                "shadeIds": [shade.id for shade in self.shades],
                "scenes": [],
            }
        )

    async def _rooms(self, _request: web.Request) -> web.Response:
        return web.json_response(self._room_list())

    async def _scenes(self, _request: web.Request) -> web.Response:
        return web.json_response([])

    def _room_list(self) -> list[Json]:
        return [
            {
                "id": _FIRST_ROOM + index,
                "name": base64.b64encode(room.encode()).decode(),
                "ptName": room,
                "type": 0,
                "shadeIds": [_FIRST_ID + index],
            }
            for index, (_, room, _) in enumerate(_SHADES)
        ]


def _accepted(shades: list[Shade]) -> web.Response:
    return web.json_response({"responses": [{"shadeId": shade.id, "err": 0} for shade in shades], "err": 0})


def _refuse(status: int, message: str) -> web.Response:
    return web.json_response({"errMsg": message, "err": status}, status=status)


def _colons(mac: str) -> str:
    return ":".join(mac[i : i + 2] for i in range(0, 12, 2))
