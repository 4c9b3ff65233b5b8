"""The household: who plays with whom, and what is on the shelf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from xml.sax.saxutils import quoteattr

from claw.simulator.sonos.didl import Track

if TYPE_CHECKING:
    from claw.simulator.sonos.player import SonosPlayer

SHELF = (
    Track("Radio Paradise", "x-rincon-mp3radio://stream.example/paradise"),
    Track("Jazz FM", "x-sonosapi-stream:s2222?sid=254&flags=8224&sn=0"),
    Track(
        "Morning coffee",
        "x-rincon-cpcontainer:1006206cmorning-coffee",
        tracks=(
            Track("Blue hour", "x-file-cifs://shelf/blue-hour.mp3", "The Lanterns", "Slow mornings", 184),
            Track("Kettle song", "x-file-cifs://shelf/kettle-song.mp3", "The Lanterns", "Slow mornings", 201),
            Track("Open window", "x-file-cifs://shelf/open-window.mp3", "Ida Moor", "Rooms", 233),
        ),
    ),
)


class Household:
    """Every player, in groups. A group's first member is its coordinator."""

    def __init__(self, serial: str) -> None:
        self.id = f"Sonos_{serial}"
        self.favourites: Sequence[Track] = SHELF
        self._groups: list[list[SonosPlayer]] = []
        self._number = 0

    def add(self, player: SonosPlayer) -> None:
        """A new player stands alone."""
        self._groups.append([player])

    def group(self, player: SonosPlayer) -> list[SonosPlayer]:
        """The group that it is in, coordinator first."""
        return next(group for group in self._groups if player in group)

    def coordinator(self, player: SonosPlayer) -> SonosPlayer:
        """Who decides what it plays."""
        return self.group(player)[0]

    def find(self, uid: str) -> SonosPlayer | None:
        """The player with this UUID."""
        return next((player for group in self._groups for player in group if player.uid == uid), None)

    def join(self, player: SonosPlayer, leader: SonosPlayer) -> None:
        """Put a player into the leader's group."""
        if player not in self.group(leader):
            self._leave(player)
            self.group(leader).append(player)
            self.tell()

    def unjoin(self, player: SonosPlayer) -> None:
        """Let a player stand alone; where it led, the next member takes the music over."""
        if len(self.group(player)) > 1:
            self._leave(player)
            self._groups.append([player])
            self.tell()

    def tell(self) -> None:
        """Tell every subscriber how the groups stand."""
        for group in self._groups:
            for player in group:
                player.tell_topology()

    def state(self) -> str:
        """ZoneGroupState; players that are off the air are listed as vanished."""
        groups = ""
        for group in self._groups:
            here = [player for player in group if not player.fault.offline]
            if here:
                members = "".join(_member(player) for player in here)
                uid = here[0].uid
                groups += f'<ZoneGroup Coordinator="{uid}" ID="{uid}:{1000 + len(here)}">{members}</ZoneGroup>'
        gone = [player for group in self._groups for player in group if player.fault.offline]
        vanished = "".join(
            f'<Device UUID="{player.uid}" ZoneName={quoteattr(player.room)} Reason="powered off"/>' for player in gone
        )
        return (
            f"<ZoneGroupState><ZoneGroups>{groups}</ZoneGroups><VanishedDevices>{vanished}</VanishedDevices>"
            "</ZoneGroupState>"
        )

    def _leave(self, player: SonosPlayer) -> None:
        group = self.group(player)
        leading = group[0] is player
        group.remove(player)
        if group and leading:
            group[0].transport.take_over(player.transport)
        if not group:
            self._groups.remove(group)


def _member(player: SonosPlayer) -> str:
    location = f"{player.url}/xml/device_description.xml"
    return (
        f'<ZoneGroupMember UUID="{player.uid}" Location="{location}" ZoneName={quoteattr(player.room)} Icon=""'
        f' Configuration="1" SoftwareVersion="{player.software}" SWGen="2" MinCompatibleVersion="79.0-00000"'
        ' LegacyCompatibleVersion="58.0-00000" BootSeq="1" WirelessMode="1" ChannelFreq="2437" IdleState="1"'
        ' MicEnabled="0" AirPlayEnabled="1" SSLPort="1443" MoreInfo=""/>'
    )
