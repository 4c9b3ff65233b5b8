"""A pool controller in the manner of nodejs-poolController: /state/all, circuits, bodies and a slow heater."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device
from claw.simulator.ground import Ground
from claw.simulator.physics import Heat
from claw.simulator.ssdp import SsdpDevice
from claw.simulator.upnp.description import Description

DEVICE_TYPE = "urn:schemas-tagyoureit-org:device:PoolController:1"
_MODES = {0: ("off", "Off"), 1: ("heater", "Heater"), 2: ("solar", "Solar Only"), 3: ("solarpref", "Solar Preferred")}
_AIR = 68.0  # degrees Fahrenheit, as the controller speaks


@dataclass(slots=True)
class Circuit:
    """One relay."""

    id: int
    name: str
    kind: str
    desc: str
    on: bool = False


@dataclass(slots=True)
class Body:
    """A body of water behind a circuit; a real heater lifts a pool by a degree or two an hour, a spa faster."""

    id: int
    name: str
    circuit: int
    water: Heat
    mode: int = 0
    kind: Mapping[str, Json] = field(default_factory=dict)


class PoolController(Device):
    """Pool and spa, one heater, a light, a waterfall and a feature."""

    def __init__(self, name: str, number: int, ground: Ground) -> None:
        super().__init__(name, number, ground)
        self.circuits = [
            Circuit(1, "Spa", "spa", "Spa"),
            Circuit(2, "Pool Light", "intellibrite", "IntelliBrite"),
            Circuit(3, "Waterfall", "generic", "Generic"),
            Circuit(6, "Pool", "pool", "Pool", on=True),
        ]
        self.features = [Circuit(129, "Bubbler", "generic", "Generic")]
        pool = Heat(78.4, 82.0, gain=2 / 3600, ambient=_AIR, loss=400_000.0)
        spa = Heat(81.2, 100.0, gain=24 / 3600, ambient=_AIR, loss=60_000.0)
        self.bodies = [
            Body(1, "Pool", 6, pool, kind={"val": 0, "name": "pool", "desc": "Pool"}),
            Body(2, "Spa", 1, spa, kind={"val": 1, "name": "spa", "desc": "Spa"}),
        ]

    def routes(self) -> Sequence[web.RouteDef]:
        """The REST API."""
        new = self.fault.new_firmware
        return [
            web.get("/upnp.xml", self._description),
            web.get("/state/{section:all|temps|circuits|features|bodies}", self._state),
            web.put("/state/circuit/setState", self._set_circuit),
            web.put("/state/circuit/toggleState", self._toggle),
            web.put("/state/feature/setState", self._set_circuit),
            web.put("/state/body/heatSetpoint" if new else "/state/body/setPoint", self._set_point),
            web.put("/state/body/heatMode", self._set_mode),
        ]

    def upnp(self) -> SsdpDevice:
        """A root device of its own type; there are no services behind it."""
        server = f"Node.js/v22.11.0 UPnP/1.1 node-ssdp/4.0.1 njsPC/{self._version()}"
        return SsdpDevice(self._uuid, f"{self.url}/upnp.xml", (DEVICE_TYPE,), server)

    def truth(self) -> JsonObject:
        """The water and the relays."""
        now = self.ground.clock.now()
        relays = [*self.circuits, *self.features]
        return {
            "bodies": {
                body.name: {
                    "temperature": round(body.water.at(now), 3),
                    "set_point": body.water.target,
                    "mode": _MODES[body.mode][0],
                    "heating": body.water.heating(now),
                }
                for body in self.bodies
            },
            "circuits": {circuit.name: circuit.on for circuit in relays},
        }

    @property
    def _uuid(self) -> str:
        return f"806f52f4-1f35-4e33-9299-{self.mac}"

    def _version(self) -> str:
        return "11.0.0" if self.fault.new_firmware else "10.0.0"

    async def _state(self, request: web.Request) -> web.Response:
        section = request.match_info["section"]
        everything: dict[str, Json] = {
            "controllerType": "nixie",
            "model": "Nixie Single Body",
            "appVersion": {"installed": self._version()},
            "time": datetime.now(tz=UTC).isoformat(timespec="seconds"),
            "mode": {"val": 0, "name": "auto", "desc": "Auto"},
            "status": {"val": 1, "name": "ready", "desc": "Ready", "percent": 100},
            "delay": {"val": 0, "name": "nodelay", "desc": "No Delay"},
            "temps": self._temps(),
            "circuits": [_circuit(circuit, "circuit") for circuit in self.circuits],
            "features": [_circuit(circuit, "feature") for circuit in self.features],
            "heaters": [{"id": 1, "name": "Gas Heater", "type": {"val": 1, "name": "gas", "desc": "Gas Heater"}}],
        }
        if section == "bodies":
            return web.json_response(self._bodies())
        return web.json_response(everything if section == "all" else everything[section])

    def _temps(self) -> dict[str, Json]:
        water = self._sensor(self.bodies[0])
        return {
            "air": round(_AIR),
            "waterSensor1": water,
            "units": {"val": 0, "name": "F", "desc": "Fahrenheit"},
            "bodies": self._bodies(),
        }

    def _sensor(self, body: Body) -> int:
        return round(body.water.at(self.ground.clock.now()))

    def _bodies(self) -> list[Json]:
        now = self.ground.clock.now()
        bodies: list[Json] = []
        for body in self.bodies:
            name, desc = _MODES[body.mode]
            running = self._circuit(body.circuit).on
            heating = body.water.heating(now)
            entry: dict[str, Json] = {
                "id": body.id,
                "name": body.name,
                "circuit": body.circuit,
                "type": body.kind,
                "waterTemp" if self.fault.new_firmware else "temp": self._sensor(body),
                "setPoint": body.water.target,
                "heatMode": {"val": body.mode, "name": name, "desc": desc},
                "heatStatus": {"val": int(heating), "name": "heater" if heating else "off"},
                "heaterOptions": {"total": 1, "gas": 1, "solar": 0},
            }
            # the real controller leaves the key out when a body does not run
            bodies.append(entry | {"isOn": True} if running else entry)
        return bodies

    def _circuit(self, number: int) -> Circuit:
        return next(circuit for circuit in [*self.circuits, *self.features] if circuit.id == number)

    async def _set_circuit(self, request: web.Request) -> web.Response:
        body = await _body(request)
        state = body.get("state")
        return self._switch(body.get("id"), on=state in (True, 1, "true", "on", "1"))

    async def _toggle(self, request: web.Request) -> web.Response:
        return self._switch((await _body(request)).get("id"), on=None)

    def _switch(self, number: Json, *, on: bool | None) -> web.Response:
        found = [c for c in [*self.circuits, *self.features] if str(c.id) == str(number)]
        if not found:
            return _refuse(f"Circuit id {number} is invalid", "InvalidEquipmentIdError")
        circuit = found[0]
        if not self.fault.mute:
            circuit.on = not circuit.on if on is None else on
            self._run_heaters()
        return web.json_response(_circuit(circuit, "circuit"))

    async def _set_point(self, request: web.Request) -> web.Response:
        body = await _body(request)
        water = self._body_of(body)
        wanted = body.get("setPoint", body.get("heatSetpoint"))
        if water is None or not isinstance(wanted, int | float) or isinstance(wanted, bool):
            return _refuse("Body or set point is invalid", "InvalidEquipmentDataError")
        if not self.fault.mute:
            # the real one takes 130 F without a word: whoever drives it has to clamp
            water.water.set(self.ground.clock.now(), target=float(round(wanted)))
        return web.json_response(self._bodies()[self.bodies.index(water)])

    async def _set_mode(self, request: web.Request) -> web.Response:
        body = await _body(request)
        water, mode = self._body_of(body), body.get("mode")
        by_name = {name: number for number, (name, _) in _MODES.items()}
        number = by_name.get(mode) if isinstance(mode, str) else mode
        if water is None or not isinstance(number, int) or number not in _MODES:
            return _refuse("Body or heat mode is invalid", "InvalidEquipmentDataError")
        if not self.fault.mute:
            water.mode = number
            self._run_heaters()
        return web.json_response(self._bodies()[self.bodies.index(water)])

    def _body_of(self, request: JsonObject) -> Body | None:
        return next((body for body in self.bodies if str(body.id) == str(request.get("id"))), None)

    def _run_heaters(self) -> None:
        """The heater fires only for a body whose pump runs and whose mode asks for it."""
        for body in self.bodies:
            wanted = body.mode != 0 and self._circuit(body.circuit).on
            if wanted != body.water.on:
                body.water.set(self.ground.clock.now(), on=wanted)

    async def _description(self, _request: web.Request) -> web.Response:
        return Description(
            type=DEVICE_TYPE,
            udn=f"uuid:{self._uuid}::{DEVICE_TYPE}",
            fields={
                "friendlyName": "Nixie Single Body",
                "manufacturer": "tagyoureit",
                "manufacturerURL": "https://github.com/tagyoureit/nodejs-poolController",
                "presentationURL": f"{self.url}/state/all",
                "modelName": f"njsPC v{self._version()}",
                "modelNumber": f"njsPC{self._version().replace('.', '-')}",
                "modelDescription": "An application to control pool equipment.",
                "serialNumber": ":".join(self.mac[i : i + 2] for i in range(0, 12, 2)),
            },
        ).response()


def _circuit(circuit: Circuit, equipment: str) -> dict[str, Json]:
    entry: dict[str, Json] = {
        "id": circuit.id,
        "name": circuit.name,
        "type": {"name": circuit.kind, "desc": circuit.desc},
        "equipmentType": equipment,
        "showInFeatures": True,
    }
    return entry | {"isOn": True} if circuit.on else entry


async def _body(request: web.Request) -> JsonObject:
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _refuse(message: str, name: str) -> web.Response:
    return web.json_response({"name": name, "httpCode": 400, "message": message}, status=400)
