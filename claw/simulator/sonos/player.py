"""One Sonos player: its description, its services on port 1400, and its place in the household."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web
from anyio.abc import TaskGroup

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device, Listener
from claw.simulator.ground import Ground
from claw.simulator.mdns import MdnsService
from claw.simulator.sonos.content import content_service
from claw.simulator.sonos.household import Household
from claw.simulator.sonos.rendering import Rendering
from claw.simulator.sonos.transport import Transport
from claw.simulator.sonos.zone import properties_service, topology_service
from claw.simulator.ssdp import SsdpDevice
from claw.simulator.upnp.description import Description
from claw.simulator.upnp.service import UpnpService

PORT = 1400
ZONE_PLAYER = "urn:schemas-upnp-org:device:ZonePlayer:1"


class SonosPlayer(Device):
    """A player in `room`."""

    listeners = (Listener("http", PORT),)

    def __init__(self, name: str, number: int, ground: Ground, *, room: str, household: Household) -> None:
        super().__init__(name, number, ground)
        self.room = room
        self.household = household
        self.uid = f"RINCON_{self.mac.upper()}01400"
        self.transport = Transport(self)
        self.rendering = Rendering(self)
        self._topology = topology_service(self)
        self._properties = properties_service(self)
        self._content = content_service(self)
        household.add(self)

    @property
    def mac(self) -> str:
        """A MAC address out of a Sonos block."""
        return self.ground.mac(self._number, "000e58")

    @property
    def serial(self) -> str:
        """The serial number, as Sonos writes it."""
        return "-".join(self.mac.upper()[i : i + 2] for i in range(0, 12, 2)) + ":1"

    @property
    def tasks(self) -> TaskGroup:
        """Where its event deliveries run."""
        return self.ground.tasks

    @property
    def software(self) -> str:
        """The firmware."""
        return "86.1-75110" if self.fault.new_firmware else "80.1-55014"

    def now(self) -> float:
        """The house's clock."""
        return self.ground.clock.now()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Do something once `seconds` have passed."""

        async def wait() -> None:
            await self.ground.clock.sleep(seconds)
            call()

        self.tasks.start_soon(wait)

    def rename(self, room: str) -> None:
        """Move to another room, in name."""
        self.room = room
        self._properties.events.publish({"ZoneName": room})
        self.household.tell()

    def tell_topology(self) -> None:
        """Publish the groups."""
        self._topology.events.publish({"ZoneGroupState": self.household.state()})

    async def announce(self) -> None:
        """Announce, and let the other players' subscribers know where it is."""
        await super().announce()
        self.household.tell()

    async def close(self) -> None:
        """Hang up, and forget who had subscribed."""
        for service in self._services():
            service.events.close()
        await super().close()
        self.household.tell()

    def routes(self) -> Sequence[web.RouteDef]:
        """The description and every service."""
        moved = "/v2" if self.fault.new_firmware else ""
        self.transport.service.prefix = f"/MediaRenderer{moved}"
        self.rendering.service.prefix = f"/MediaRenderer{moved}"
        own = [web.get("/xml/device_description.xml", self._description)]
        return own + [route for service in self._services() for route in service.routes()]

    def services(self) -> Sequence[MdnsService]:
        """`_sonos._tcp`, as players of this generation announce themselves besides SSDP."""
        txt = {
            "info": "/api/v1/players/" + self.uid + "/info",
            "vers": "3",
            "protovers": "1.38.1",
            "bootseq": "1",
            "hhid": self.household.id,
            "location": f"{self.url}/xml/device_description.xml",
        }
        return [MdnsService("_sonos._tcp", f"{self.uid}@{self.room}", PORT, txt, host=f"Sonos-{self.mac.upper()}")]

    def upnp(self) -> SsdpDevice:
        """A ZonePlayer of its household."""
        return SsdpDevice(
            self.uid,
            f"{self.url}/xml/device_description.xml",
            (ZONE_PLAYER,),
            f"Linux UPnP/1.0 Sonos/{self.software} (ZPS38)",
            {"X-RINCON-HOUSEHOLD": self.household.id, "X-RINCON-BOOTSEQ": "1", "X-RINCON-WIFIMODE": "1"},
        )

    def describe(self) -> dict[str, Json]:
        """The general description, and who it is."""
        return {**super().describe(), "room": self.room, "uid": self.uid, "household": self.household.id}

    def truth(self) -> JsonObject:
        """What the loudspeaker does."""
        group: list[Json] = [player.room for player in self.household.group(self)]
        return {"room": self.room, **self.transport.truth(), **self.rendering.truth(), "group": group}

    def _services(self) -> list[UpnpService]:
        return [
            self._topology,
            self._properties,
            self._content,
            self.transport.service,
            self.rendering.service,
            self.rendering.group_service,
        ]

    async def _description(self, _request: web.Request) -> web.Response:
        topology, properties, content, *renderer = (service.entry() for service in self._services())
        name = f"{self.address} - Sonos One - {self.uid}"
        model = {"manufacturer": "Sonos, Inc.", "modelNumber": "S38", "modelName": "Sonos One"}
        return Description(
            ZONE_PLAYER,
            f"uuid:{self.uid}",
            {"friendlyName": name, **model, "modelDescription": "Sonos One"},
            services=[topology, properties],
            devices=[
                Description(
                    "urn:schemas-upnp-org:device:MediaServer:1",
                    f"uuid:{self.uid}_MS",
                    {"friendlyName": f"{name} Media Server", **model},
                    services=[content],
                ),
                Description(
                    "urn:schemas-upnp-org:device:MediaRenderer:1",
                    f"uuid:{self.uid}_MR",
                    {"friendlyName": f"{self.room} - Sonos One Media Renderer", **model},
                    services=renderer,
                ),
            ],
            extra={
                "softwareVersion": self.software,
                "swGen": "2",
                "hardwareVersion": "1.27.1.9-2",
                "serialNum": self.serial,
                "minCompatibleVersion": "79.0-00000",
                "displayVersion": "16.1",
                "roomName": self.room,
                "displayName": "One",
                "zoneType": "14",
            },
        ).response()
