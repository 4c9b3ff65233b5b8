"""The bridge's first API (https://developers.meethue.com/develop/hue-api/): lights, groups and config."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.hue.lamp import FULL, MIREK, Lamp

if TYPE_CHECKING:
    from claw.simulator.hue.bridge import HueBridge

UNAUTHORIZED, BAD_JSON, NO_RESOURCE, NO_METHOD, MISSING, NO_PARAMETER, BAD_VALUE = 1, 2, 3, 4, 5, 6, 7
NO_BUTTON, IS_OFF = 101, 201
_RANGES: Mapping[str, tuple[int, int]] = {"bri": (0, FULL), "hue": (0, 65535), "sat": (0, FULL), "ct": MIREK}
_RENAMED = {"level": "bri", "bri": "retired"}  # what the new firmware calls things
_IGNORED = {"transitiontime", "alert", "effect"}


def error(kind: int, address: str, description: str) -> dict[str, Json]:
    """One entry of an answer that went wrong."""
    return {"error": {"type": kind, "address": address, "description": description}}


class V1:
    """Routes of the first API over one bridge."""

    def __init__(self, bridge: HueBridge) -> None:
        self._bridge = bridge
        self.users: dict[str, str] = {}

    def routes(self) -> list[web.RouteDef]:
        """What an aiohttp application serves."""
        return [
            web.post("/api", self._create_user),
            web.post("/api/", self._create_user),
            web.get("/api/{user}", self._everything),
            web.get("/api/{user}/", self._everything),
            web.get("/api/{user}/config", self._config),
            web.get("/api/{user}/{kind:lights|groups|scenes|sensors|rules|schedules}", self._list),
            web.get("/api/{user}/{kind:lights|groups}/{id}", self._one),
            web.put("/api/{user}/lights/{id}/state", self._set_light),
            web.put("/api/{user}/lights/{id}", self._rename),
            web.put("/api/{user}/groups/{id}/action", self._set_group),
            web.route("*", "/api/{user}/{rest:.*}", self._no_resource),
        ]

    async def _create_user(self, request: web.Request) -> web.Response:
        body = await _json(request)
        if body is None:
            return web.json_response([error(BAD_JSON, "", "body contains invalid json")])
        if not isinstance(body.get("devicetype"), str):
            return web.json_response([error(MISSING, "", "invalid/missing parameters in body")])
        if not self._bridge.button_pressed():
            return web.json_response([error(NO_BUTTON, "", "link button not pressed")])
        user = secrets.token_urlsafe(30)
        self.users[user] = str(body["devicetype"])
        success: dict[str, Json] = {"username": user}
        if body.get("generateclientkey"):
            success["clientkey"] = secrets.token_hex(16).upper()
        return web.json_response([{"success": success}])

    async def _everything(self, request: web.Request) -> web.Response:
        user = request.match_info["user"]
        if user == "config":
            return web.json_response(self._short_config())
        if user not in self.users:
            return _unauthorized("/")
        lists = {
            kind: self._listing(kind) for kind in ("lights", "groups", "scenes", "sensors", "rules", "schedules")
        }
        return web.json_response({**lists, "config": self._long_config()})

    async def _config(self, request: web.Request) -> web.Response:
        known = request.match_info["user"] in self.users
        return web.json_response(self._long_config() if known else self._short_config())

    async def _list(self, request: web.Request) -> web.Response:
        kind = request.match_info["kind"]
        if request.match_info["user"] not in self.users:
            return _unauthorized(f"/{kind}")
        return web.json_response(self._listing(kind))

    async def _one(self, request: web.Request) -> web.Response:
        kind, key = request.match_info["kind"], request.match_info["id"]
        if request.match_info["user"] not in self.users:
            return _unauthorized(f"/{kind}/{key}")
        found = self._group("0") if (kind, key) == ("groups", "0") else self._listing(kind).get(key)
        return web.json_response(found) if found is not None else _missing(f"/{kind}/{key}")

    async def _set_light(self, request: web.Request) -> web.Response:
        address = f"/lights/{request.match_info['id']}"
        lamp = self._bridge.lamp(request.match_info["id"])
        return await self._write(request, [lamp] if lamp else [], f"{address}/state", address)

    async def _set_group(self, request: web.Request) -> web.Response:
        key = request.match_info["id"]
        return await self._write(request, self._members(key), f"/groups/{key}/action", f"/groups/{key}")

    async def _write(self, request: web.Request, lamps: list[Lamp], address: str, resource: str) -> web.Response:
        if request.match_info["user"] not in self.users:
            return _unauthorized(address)
        if not lamps:
            return _missing(resource)
        body = await _json(request)
        if body is None:
            return web.json_response([error(BAD_JSON, address, "body contains invalid json")])
        if self._bridge.fault.new_firmware:
            body = {_RENAMED.get(name, name): value for name, value in body.items()}
        answer: list[Json] = []
        for lamp in lamps:
            answer = self._set(lamp, body, address)
        return web.json_response(answer)

    def _set(self, lamp: Lamp, body: JsonObject, address: str) -> list[Json]:
        """Apply each parameter, `on` first; one answer entry each, as the bridge gives them."""
        answer: list[Json] = []
        steps: list[Callable[[], None]] = []
        lit = body.get("on", lamp.on) is True
        for name in sorted(body, key=lambda name: name != "on"):
            value = body[name]
            wrong = _refusal(lamp, name, value, lit=lit, place=f"{address}/{name}")
            if wrong:
                answer.append(wrong)
                continue
            answer.append({"success": {f"{address}/{name}": value}})
            steps.append(_step(lamp, name, value, body))
        if steps and not self._bridge.fault.mute:
            self._bridge.change(lamp, steps)
        return answer

    async def _rename(self, request: web.Request) -> web.Response:
        key = request.match_info["id"]
        lamp = self._bridge.lamp(key)
        if request.match_info["user"] not in self.users:
            return _unauthorized(f"/lights/{key}")
        if lamp is None:
            return _missing(f"/lights/{key}")
        name = ((await _json(request)) or {}).get("name")
        if not isinstance(name, str) or not 0 < len(name) <= 32:  # noqa: PLR2004 - the API's limit
            return web.json_response([error(BAD_VALUE, f"/lights/{key}/name", "invalid value for parameter, name")])
        if not self._bridge.fault.mute:
            lamp.name = name
        return web.json_response([{"success": {f"/lights/{key}/name": name}}])

    async def _no_resource(self, request: web.Request) -> web.Response:
        address = f"/{request.match_info['rest']}"
        if request.match_info["user"] not in self.users:
            return _unauthorized(address)
        return _missing(address)

    def _listing(self, kind: str) -> dict[str, Json]:
        if kind == "lights":
            return {str(lamp.number): self._light(lamp) for lamp in self._bridge.lamps}
        if kind == "groups":
            return {str(index + 1): self._group(str(index + 1)) for index in range(len(self._bridge.rooms))}
        return {}

    def _light(self, lamp: Lamp) -> Json:
        state: dict[str, Json] = {"on": lamp.on}
        if lamp.product.dims:
            state["level" if self._bridge.fault.new_firmware else "bri"] = lamp.bri
        if lamp.product.color:
            state |= {"hue": lamp.hue, "sat": lamp.sat, "effect": "none", "xy": list(lamp.xy)}
        if lamp.product.white:
            state |= {"ct": lamp.mirek, "colormode": lamp.mode}
        state |= {"alert": "none", "mode": "homeautomation", "reachable": lamp.powered}
        return {
            "state": state,
            "swupdate": {"state": "noupdates", "lastinstall": "2024-05-14T10:02:11"},
            "type": lamp.product.type,
            "name": lamp.name,
            "modelid": lamp.product.model,
            "manufacturername": "Signify Netherlands B.V.",
            "productname": lamp.product.name,
            "capabilities": {"certified": True, "control": _control(lamp)},
            "config": {"archetype": lamp.product.archetype.replace("_", ""), "function": "mixed"},
            "uniqueid": self._bridge.unique_id(lamp),
            "swversion": self._bridge.lamp_version,
        }

    def _members(self, key: str) -> list[Lamp]:
        if key == "0":
            return list(self._bridge.lamps)
        room = dict(enumerate(self._bridge.rooms, 1)).get(int(key) if key.isdigit() else -1)
        return [lamp for lamp in self._bridge.lamps if lamp.room == room]

    def _group(self, key: str) -> Json:
        lamps = self._members(key)
        lit = [lamp.on for lamp in lamps]
        return {
            "name": "Group 0" if key == "0" else lamps[0].room,
            "lights": [str(lamp.number) for lamp in lamps],
            "sensors": [],
            "type": "LightGroup" if key == "0" else "Room",
            "state": {"all_on": all(lit), "any_on": any(lit)},
            "recycle": False,
            "class": "Other",
            "action": {"on": any(lit), "bri": lamps[0].bri, "alert": "none"},
        }

    def _short_config(self) -> dict[str, Json]:
        return {
            "name": "Hue Bridge",
            "datastoreversion": "172",
            "swversion": self._bridge.software,
            "apiversion": self._bridge.api,
            "mac": ":".join(self._bridge.mac[i : i + 2] for i in range(0, 12, 2)),
            "bridgeid": self._bridge.bridge_id,
            "factorynew": False,
            "replacesbridgeid": None,
            "modelid": "BSB002",
            "starterkitid": "",
        }

    def _long_config(self) -> dict[str, Json]:
        whitelist: dict[str, Json] = {user: {"name": name} for user, name in self.users.items()}
        return {
            **self._short_config(),
            "ipaddress": self._bridge.address,
            "linkbutton": self._bridge.button_pressed(),
            "whitelist": whitelist,
            "zigbeechannel": 25,
        }


def _refusal(lamp: Lamp, name: str, value: Json, *, lit: bool, place: str) -> JsonObject | None:
    supported = {"on", *_IGNORED, *(["bri"] if lamp.product.dims else []), *(["ct"] if lamp.product.white else [])}
    if lamp.product.color:
        supported |= {"hue", "sat", "xy"}
    if name not in supported:
        return error(NO_PARAMETER, place, f"parameter, {name}, not available")
    if not lit and name not in ("on", *_IGNORED):
        return error(IS_OFF, place, f"parameter, {name}, is not modifiable. Device is set to off.")
    if not _valid(name, value):
        return error(BAD_VALUE, place, f"invalid value, {value}, for parameter, {name}")
    return None


def _valid(name: str, value: Json) -> bool:
    if name == "on":
        return isinstance(value, bool)
    if name == "xy":
        numbers = isinstance(value, list) and len(value) == 2  # noqa: PLR2004 - x and y
        return numbers and all(isinstance(part, int | float) and 0 <= part <= 1 for part in value)  # type: ignore[union-attr]
    if name in _RANGES:
        low, high = _RANGES[name]
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
    return True


def _step(lamp: Lamp, name: str, value: Json, body: JsonObject) -> Callable[[], None]:
    """What one valid parameter does to the lamp. Where several colours are given, xy beats ct beats hue and sat."""
    if (name == "ct" and "xy" in body) or (name in ("hue", "sat") and {"xy", "ct"} & body.keys()):
        return lambda: None
    match name, value:
        case "on", bool():
            return lambda: lamp.switch(on=value)
        case "xy", [x, y]:
            return lambda: lamp.paint(float(str(x)), float(str(y)))
        case _, int():
            return lambda: _NUMBERS[name](lamp, value)
    return lambda: None


_NUMBERS: Mapping[str, Callable[[Lamp, int], None]] = {
    "bri": lambda lamp, value: lamp.dim(value),
    "ct": lambda lamp, value: lamp.warm(value),
    "hue": lambda lamp, value: lamp.tint(value, lamp.sat),
    "sat": lambda lamp, value: lamp.tint(lamp.hue, value),
    "transitiontime": lambda _lamp, _value: None,
}


def _control(lamp: Lamp) -> dict[str, Json]:
    control: dict[str, Json] = {"mindimlevel": 200, "maxlumen": 806} if lamp.product.dims else {}
    if lamp.product.white:
        control["ct"] = {"min": MIREK[0], "max": MIREK[1]}
    if lamp.product.color:
        control["colorgamuttype"] = "C"
    return control


async def _json(request: web.Request) -> JsonObject | None:
    try:
        body = await request.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _unauthorized(address: str) -> web.Response:
    return web.json_response([error(UNAUTHORIZED, address, "unauthorized user")])


def _missing(address: str) -> web.Response:
    return web.json_response([error(NO_RESOURCE, address, f"resource, {address}, not available")])
