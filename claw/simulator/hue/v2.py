"""The bridge's second API, CLIP v2 (https://developers.meethue.com/develop/hue-api-v2/): resources over HTTPS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.hue.lamp import FULL, MIREK, Lamp
from claw.simulator.hue.v2_write import BodyRefused, steps

if TYPE_CHECKING:
    from claw.simulator.hue.bridge import HueBridge

GAMUT_C: JsonObject = {
    "red": {"x": 0.6915, "y": 0.3083},
    "green": {"x": 0.17, "y": 0.7},
    "blue": {"x": 0.1532, "y": 0.0475},
}
_ARCHETYPES = {"Kitchen": "kitchen", "Living room": "living_room", "Hallway": "hallway", "Bedroom": "bedroom"}


class V2:
    """Routes of the second API over one bridge."""

    def __init__(self, bridge: HueBridge) -> None:
        self._bridge = bridge

    def routes(self) -> list[web.RouteDef]:
        """What an aiohttp application serves."""
        root = "/clip/v2/resource"
        return [
            web.get(root, self._get),
            web.get(root + "/{type}", self._get),
            web.get(root + "/{type}/{id}", self._get),
            web.put(root + "/{type}/{id}", self._put),
        ]

    def may(self, request: web.Request) -> bool:
        """Whether the request carries a known application key."""
        return request.headers.get("hue-application-key", "") in self._bridge.v1.users

    async def _get(self, request: web.Request) -> web.Response:
        if not self.may(request):
            return _errors(403, "Forbidden")
        wanted, key = request.match_info.get("type"), request.match_info.get("id")
        found = [
            resource
            for resource in self.resources()
            if wanted in (None, resource["type"]) and key in (None, resource["id"])
        ]
        return _errors(404, "Not Found") if key and not found else web.json_response({"errors": [], "data": found})

    async def _put(self, request: web.Request) -> web.Response:
        if not self.may(request):
            return _errors(403, "Forbidden")
        kind, key = request.match_info["type"], request.match_info["id"]
        lamps = self._targets(kind, key)
        if not lamps:
            return _errors(404, "Not Found")
        try:
            body = await request.json()
        except ValueError:
            return _errors(400, "Invalid JSON body")
        wanted = body if isinstance(body, dict) else {}
        try:
            plan = [(lamp, steps(lamp, wanted, self._level, strict=kind == "light")) for lamp in lamps]
        except BodyRefused as refused:
            return _errors(400, str(refused))
        for lamp, todo in plan:
            if not self._bridge.fault.mute:
                self._bridge.change(lamp, todo)
        return web.json_response({"data": [{"rid": key, "rtype": kind}], "errors": []})

    def _targets(self, kind: str, key: str) -> list[Lamp]:
        if kind == "light":
            return [lamp for lamp in self._bridge.lamps if self.rid("light", str(lamp.number)) == key]
        if kind == "grouped_light":
            return [lamp for lamp in self._bridge.lamps if self.rid("grouped_light", lamp.room) == key]
        return []

    @property
    def _level(self) -> str:
        return "level" if self._bridge.fault.new_firmware else "brightness"

    def rid(self, kind: str, name: str) -> str:
        """The stable id of a resource."""
        return self._bridge.resource_id(f"{kind}/{name}")

    def resources(self) -> Iterator[dict[str, Json]]:
        """Everything that the bridge has, bridge first."""
        yield from self._of_bridge()
        for lamp in self._bridge.lamps:
            yield self._device(lamp)
            yield self.light(lamp)
            yield self.connectivity(lamp)
        for index, room in enumerate(self._bridge.rooms, 1):
            yield from self._of_room(index, room)

    def _of_bridge(self) -> Iterator[dict[str, Json]]:
        own = {"rid": self.rid("device", "bridge"), "rtype": "device"}
        yield {
            "id": self.rid("bridge", ""),
            "owner": own,
            "bridge_id": self._bridge.bridge_id.lower(),
            "time_zone": {"time_zone": "Europe/London"},
            "type": "bridge",
        }
        yield {
            "id": own["rid"],
            "product_data": _product("BSB002", "Hue Bridge", "bridge_v2", self._bridge.software),
            "metadata": {"name": "Hue Bridge", "archetype": "bridge_v2"},
            "identify": {},
            "services": [{"rid": self.rid("bridge", ""), "rtype": "bridge"}],
            "type": "device",
        }

    def _of_room(self, index: int, room: str) -> Iterator[dict[str, Json]]:
        lamps = [lamp for lamp in self._bridge.lamps if lamp.room == room]
        group = {"rid": self.rid("grouped_light", room), "rtype": "grouped_light"}
        yield {
            "id": self.rid("room", room),
            "id_v1": f"/groups/{index}",
            "children": [{"rid": self.rid("device", str(lamp.number)), "rtype": "device"} for lamp in lamps],
            "services": [group],
            "metadata": {"name": room, "archetype": _ARCHETYPES.get(room, "office")},
            "type": "room",
        }
        yield self.grouped_light(index, room)

    def grouped_light(self, index: int, room: str) -> dict[str, Json]:
        """A room's lights taken together; `index` is its group number in the first API."""
        lit = [lamp.bri for lamp in self._bridge.lamps if lamp.room == room and lamp.on]
        return {
            "id": self.rid("grouped_light", room),
            "id_v1": f"/groups/{index}",
            "owner": {"rid": self.rid("room", room), "rtype": "room"},
            "on": {"on": bool(lit)},
            "dimming": {self._level: round(sum(lit) / len(lit) / FULL * 100, 2) if lit else 0.0},
            "alert": {"action_values": ["breathe"]},
            "type": "grouped_light",
        }

    def _device(self, lamp: Lamp) -> dict[str, Json]:
        number, product = str(lamp.number), lamp.product
        return {
            "id": self.rid("device", number),
            "id_v1": f"/lights/{number}",
            "product_data": _product(product.model, product.name, product.archetype, self._bridge.lamp_version),
            "metadata": {"name": lamp.name, "archetype": product.archetype},
            "identify": {},
            "services": [
                {"rid": self.rid("light", number), "rtype": "light"},
                {"rid": self.rid("zigbee_connectivity", number), "rtype": "zigbee_connectivity"},
            ],
            "type": "device",
        }

    def light(self, lamp: Lamp) -> dict[str, Json]:
        """The light resource of a lamp."""
        return {
            "id": self.rid("light", str(lamp.number)),
            "id_v1": f"/lights/{lamp.number}",
            "owner": {"rid": self.rid("device", str(lamp.number)), "rtype": "device"},
            "metadata": {"name": lamp.name, "archetype": lamp.product.archetype, "function": "mixed"},
            "product_data": {"function": "mixed"},
            "identify": {},
            **self.state(lamp),
            "dynamics": {"status": "none", "status_values": ["none"], "speed": 0.0, "speed_valid": False},
            "alert": {"action_values": ["breathe"]},
            "mode": "normal",
            "type": "light",
        }

    def connectivity(self, lamp: Lamp) -> dict[str, Json]:
        """Whether the bridge can reach a lamp."""
        return {
            "id": self.rid("zigbee_connectivity", str(lamp.number)),
            "id_v1": f"/lights/{lamp.number}",
            "owner": {"rid": self.rid("device", str(lamp.number)), "rtype": "device"},
            "status": "connected" if lamp.powered else "connectivity_issue",
            "mac_address": self._bridge.unique_id(lamp).split("-", 1)[0],
            "type": "zigbee_connectivity",
        }

    def state(self, lamp: Lamp) -> dict[str, Json]:
        """The changing part of a light resource, which events carry as well."""
        state: dict[str, Json] = {"on": {"on": lamp.on}}
        if lamp.product.dims:
            state["dimming"] = {self._level: round(lamp.bri / FULL * 100, 2), "min_dim_level": 0.2}
        if lamp.product.white:
            white = lamp.mode == "ct"
            schema = {"mirek_minimum": MIREK[0], "mirek_maximum": MIREK[1]}
            state["color_temperature"] = {
                "mirek": lamp.mirek if white else None,
                "mirek_valid": white,
                "mirek_schema": schema,
            }
        if lamp.product.color:
            xy = {"x": lamp.xy[0], "y": lamp.xy[1]}
            state["color"] = {"xy": xy, "gamut": GAMUT_C, "gamut_type": "C"}
        return state


def _product(model: str, name: str, archetype: str, version: str) -> dict[str, Json]:
    return {
        "model_id": model,
        "manufacturer_name": "Signify Netherlands B.V.",
        "product_name": name,
        "product_archetype": archetype,
        "certified": True,
        "software_version": version,
    }


def _errors(status: int, description: str) -> web.Response:
    return web.json_response({"data": [], "errors": [{"description": description}]}, status=status)
