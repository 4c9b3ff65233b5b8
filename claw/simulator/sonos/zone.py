"""ZoneGroupTopology and DeviceProperties: who a player is and whom it plays with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claw.simulator.upnp.service import Action, Arguments, UpnpService, Variable, Vocabulary
from claw.simulator.upnp.soap import UpnpRefusal

if TYPE_CHECKING:
    from claw.simulator.sonos.player import SonosPlayer

_TOPOLOGY = Vocabulary({"ZoneGroupState": Variable(evented=True)}, {})
_PROPERTIES = Vocabulary({"ZoneName": Variable(evented=True), "LEDState": Variable(allowed=("On", "Off"))}, {})


def topology_service(player: SonosPlayer) -> UpnpService:
    """How the household's groups stand."""
    household = player.household

    def state(_arguments: Arguments) -> Mapping[str, str]:
        return {"ZoneGroupState": household.state()}

    def attributes(_arguments: Arguments) -> Mapping[str, str]:
        leader = household.coordinator(player)
        return {
            "CurrentZoneGroupName": leader.room,
            "CurrentZoneGroupID": f"{leader.uid}:1",
            "CurrentZonePlayerUUIDsInGroup": ",".join(member.uid for member in household.group(player)),
            "CurrentMuseHouseholdId": household.id,
        }

    outs = "CurrentZoneGroupName CurrentZoneGroupID CurrentZonePlayerUUIDsInGroup CurrentMuseHouseholdId"
    return UpnpService(
        "ZoneGroupTopology",
        "",
        actions={
            "GetZoneGroupState": Action("-> ZoneGroupState", state),
            "GetZoneGroupAttributes": Action(f"-> {outs}", attributes),
        },
        vocabulary=_TOPOLOGY,
        initial=lambda: {"ZoneGroupState": household.state()},
        tasks=player.tasks,
    )


class _Properties:
    """What a player says about itself."""

    def __init__(self, player: SonosPlayer) -> None:
        self._player = player
        self._led = "On"

    def info(self, _arguments: Arguments) -> Mapping[str, str]:
        mac = self._player.mac.upper()
        return {
            "SerialNumber": self._player.serial,
            "SoftwareVersion": self._player.software,
            "DisplaySoftwareVersion": "16.1",
            "HardwareVersion": "1.27.1.9-2",
            "IPAddress": self._player.address,
            "MACAddress": ":".join(mac[i : i + 2] for i in range(0, 12, 2)),
            "CopyrightInfo": "",
            "ExtraInfo": "",
            "HTAudioIn": "0",
            "Flags": "0",
        }

    def zone(self, _arguments: Arguments) -> Mapping[str, str]:
        return {"CurrentZoneName": self._player.room, "CurrentIcon": "", "CurrentConfiguration": "1"}

    def set_zone(self, arguments: Arguments) -> Mapping[str, str]:
        if not self._player.fault.mute:
            self._player.rename(arguments["DesiredZoneName"])
        return {}

    def led(self, _arguments: Arguments) -> Mapping[str, str]:
        return {"CurrentLEDState": self._led}

    def set_led(self, arguments: Arguments) -> Mapping[str, str]:
        if arguments["DesiredLEDState"] not in ("On", "Off"):
            raise UpnpRefusal(402)
        if not self._player.fault.mute:
            self._led = arguments["DesiredLEDState"]
        return {}


def properties_service(player: SonosPlayer) -> UpnpService:
    """Name, versions, household and the white LED."""
    own = _Properties(player)
    info = "SerialNumber SoftwareVersion DisplaySoftwareVersion HardwareVersion IPAddress MACAddress"
    return UpnpService(
        "DeviceProperties",
        "",
        actions={
            "GetZoneAttributes": Action("-> CurrentZoneName CurrentIcon CurrentConfiguration", own.zone),
            "SetZoneAttributes": Action("DesiredZoneName DesiredIcon DesiredConfiguration", own.set_zone),
            "GetZoneInfo": Action(f"-> {info} CopyrightInfo ExtraInfo HTAudioIn Flags", own.info),
            "GetHouseholdID": Action("-> CurrentHouseholdID", lambda _: {"CurrentHouseholdID": player.household.id}),
            "GetLEDState": Action("-> CurrentLEDState", own.led),
            "SetLEDState": Action("DesiredLEDState", own.set_led),
            "GetButtonLockState": Action("-> CurrentButtonLockState", lambda _: {"CurrentButtonLockState": "Off"}),
        },
        vocabulary=_PROPERTIES,
        initial=lambda: {"ZoneName": player.room},
        tasks=player.tasks,
    )
