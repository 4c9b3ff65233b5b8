"""A Hue bridge with six lamps, speaking both of its APIs on both of its ports, as the real one does."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device, Listener
from claw.simulator.ground import Ground
from claw.simulator.hue.certificate import server_context
from claw.simulator.hue.lamp import AMBIANCE, COLOR, PLUG, WHITE, Lamp
from claw.simulator.hue.stream import EventStream
from claw.simulator.hue.v1 import V1
from claw.simulator.hue.v2 import V2
from claw.simulator.mdns import MdnsService
from claw.simulator.ssdp import SsdpDevice
from claw.simulator.upnp.description import Description

LINK_WINDOW = 30.0  # seconds that a press of the button counts
_LAMPS = (
    ("Kitchen ceiling", "Kitchen", AMBIANCE),
    ("Kitchen counter", "Kitchen", COLOR),
    ("Living room lamp", "Living room", COLOR),
    ("Hall", "Hallway", PLUG),
    ("Bedroom lamp", "Bedroom", AMBIANCE),
    ("Desk lamp", "Office", WHITE),
)


class HueBridge(Device):
    """The bridge. With `held`, its link button counts as pressed for ever."""

    def __init__(self, name: str, number: int, ground: Ground, *, held: bool = False) -> None:
        super().__init__(name, number, ground)
        self.lamps = tuple(Lamp(i, *what, ground.clock) for i, what in enumerate(_LAMPS, 1))
        self.rooms = tuple(dict.fromkeys(lamp.room for lamp in self.lamps))
        self.bridge_id = f"{self.mac[:6]}fffe{self.mac[6:]}".upper()
        self.v1 = V1(self)
        self.v2 = V2(self)
        self.events = EventStream()
        for lamp in self.lamps:
            lamp.on_mains.append(partial(self._tell_mains, lamp))
        self._held = held
        self._pressed: float | None = None
        tls = server_context(self.bridge_id.lower(), ground.folder)
        self.listeners = (Listener("http"), Listener("https", tls=tls))

    @property
    def software(self) -> str:
        """The bridge's firmware."""
        return "2071193000" if self.fault.new_firmware else "1967054020"

    @property
    def api(self) -> str:
        """The version of the first API."""
        return "2.0.0" if self.fault.new_firmware else "1.67.0"

    @property
    def lamp_version(self) -> str:
        """The lamps' firmware."""
        return "1.116.3"

    def lamp(self, number: str) -> Lamp | None:
        """The lamp with this number in the first API."""
        return next((lamp for lamp in self.lamps if str(lamp.number) == number), None)

    def press(self) -> None:
        """Press the round button."""
        self._pressed = self.ground.clock.now()

    def button_pressed(self) -> bool:
        """Whether the button was pressed in the last 30 seconds."""
        return self._held or (self._pressed is not None and self.ground.clock.now() - self._pressed <= LINK_WINDOW)

    def change(self, lamp: Lamp, steps: Iterable[Callable[[], None]]) -> None:
        """Do `steps` to a lamp and tell the event stream what came of it."""
        before = self.v2.state(lamp)
        for step in steps:
            step()
        after = self.v2.state(lamp)
        changed = {key: value for key, value in after.items() if before.get(key) != value}
        if changed:
            resource = self.v2.light(lamp)
            self.events.publish({key: resource[key] for key in ("id", "id_v1", "owner", "type")} | changed)
            self.events.publish(self.v2.grouped_light(self.rooms.index(lamp.room) + 1, lamp.room))

    def _tell_mains(self, lamp: Lamp) -> None:
        self.events.publish(self.v2.connectivity(lamp))

    def unique_id(self, lamp: Lamp) -> str:
        """The Zigbee address of a lamp."""
        tail = f"{self.mac[6:]}{lamp.number:02x}"
        return ":".join(["00", "17", "88", "01", *(tail[i : i + 2] for i in range(0, 8, 2))]) + "-0b"

    def resource_id(self, path: str) -> str:
        """The UUID of a CLIP v2 resource."""
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"urn:hue:{self.bridge_id}/{path}"))

    def routes(self) -> Sequence[web.RouteDef]:
        """Both APIs, the event stream and the UPnP description."""
        return [
            web.get("/description.xml", self._description),
            web.get("/eventstream/clip/v2", self._events),
            *self.v2.routes(),
            *self.v1.routes(),
        ]

    def services(self) -> Sequence[MdnsService]:
        """`_hue._tcp`, as the bridge announces itself."""
        txt = {"bridgeid": self.bridge_id.lower(), "modelid": "BSB002"}
        return [MdnsService("_hue._tcp", f"Hue Bridge - {self.bridge_id[-6:]}", self.ports["https"], txt)]

    def upnp(self) -> SsdpDevice:
        """A UPnP basic device with the bridge id in a header."""
        return SsdpDevice(
            f"2f402f80-da50-11e1-9b23-{self.mac}",
            f"{self.url}/description.xml",
            ("urn:schemas-upnp-org:device:basic:1",),
            f"Hue/1.0 UPnP/1.0 IpBridge/{self.api}",
            {"hue-bridgeid": self.bridge_id},
        )

    def describe(self) -> dict[str, Json]:
        """The general description, and the bridge id."""
        return {**super().describe(), "bridge_id": self.bridge_id}

    def truth(self) -> JsonObject:
        """Every lamp as it is."""
        return {"lamps": {str(lamp.number): lamp.truth() for lamp in self.lamps}}

    async def _events(self, request: web.Request) -> web.StreamResponse:
        if not self.v2.may(request):
            return web.json_response({"data": [], "errors": [{"description": "Forbidden"}]}, status=403)
        return await self.events.serve(request)

    async def _description(self, _request: web.Request) -> web.Response:
        return Description(
            type="urn:schemas-upnp-org:device:Basic:1",
            udn=f"uuid:2f402f80-da50-11e1-9b23-{self.mac}",
            fields={
                "friendlyName": f"Hue Bridge ({self.address})",
                "manufacturer": "Signify",
                "manufacturerURL": "http://www.philips-hue.com",
                "modelDescription": "Philips hue Personal Wireless Lighting",
                "modelName": "Philips hue bridge 2015",
                "modelNumber": "BSB002",
                "modelURL": "http://www.philips-hue.com",
                "serialNumber": self.mac,
                "presentationURL": "index.html",
            },
            base=f"{self.url}/",
        ).response()
