"""RenderingControl and GroupRenderingControl: loudness, of one player and of its group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from claw.model.json import JsonObject
from claw.simulator.upnp.gena import last_change
from claw.simulator.upnp.service import Action, Arguments, UpnpService, Variable, Vocabulary
from claw.simulator.upnp.soap import UpnpRefusal

if TYPE_CHECKING:
    from claw.simulator.sonos.player import SonosPlayer

_OK: Mapping[str, str] = {}
_FULL = 100
_TONE = 10


class Rendering:
    """Volume, mute and tone of one player, and those of the group that it leads."""

    def __init__(self, player: SonosPlayer) -> None:
        self._player = player
        self.volume = 20
        self.mute = False
        self._tone = {"Bass": 0, "Treble": 0}
        self._loudness = True
        self._shares: dict[str, float] = {}
        self.service = self._own_service()
        self.group_service = self._group_service()

    def truth(self) -> JsonObject:
        """How loud the loudspeaker is set."""
        return {"volume": self.volume, "muted": self.mute}

    def turn(self, volume: float) -> None:
        """Set the volume, kept within 0..100, and tell."""
        if not self._player.fault.mute:
            self.volume = round(max(0, min(_FULL, volume)))
            self._tell()

    def hush(self, *, mute: bool) -> None:
        """Mute or unmute, and tell."""
        if not self._player.fault.mute:
            self.mute = mute
            self._tell()

    def _tell(self) -> None:
        self.service.events.publish(self._changes())
        leader = self._player.household.coordinator(self._player)
        leader.rendering.group_service.events.publish(leader.rendering.group_values())

    def _changes(self) -> Mapping[str, str]:
        channels = {"Master": str(self.volume), "LF": "100", "RF": "100"}
        tone = {name: str(value) for name, value in self._tone.items()}
        mute = {"Master": _flag(on=self.mute), "LF": "0", "RF": "0"}
        values: dict[str, str | Mapping[str, str]] = {"Volume": channels, "Mute": mute, **tone}
        return last_change("urn:schemas-upnp-org:metadata-1-0/RCS/", values)

    def group_values(self) -> Mapping[str, str]:
        """The group's average, as its coordinator events it."""
        members = self._player.household.group(self._player)
        volume = round(sum(member.rendering.volume for member in members) / len(members))
        mute = all(member.rendering.mute for member in members)
        return {"GroupVolume": str(volume), "GroupMute": _flag(on=mute), "GroupVolumeChangeable": "1"}

    def _set_volume(self, arguments: Arguments) -> Mapping[str, str]:
        if arguments["Channel"] == "Master":
            wanted = int(arguments["DesiredVolume"])
            if not 0 <= wanted <= _FULL:
                raise UpnpRefusal(402)
            self.turn(wanted)
        return _OK

    def _get_volume(self, arguments: Arguments) -> Mapping[str, str]:
        return {"CurrentVolume": str(self.volume if arguments["Channel"] == "Master" else _FULL)}

    def _nudge(self, arguments: Arguments) -> Mapping[str, str]:
        self.turn(self.volume + int(arguments["Adjustment"]))
        return {"NewVolume": str(self.volume)}

    def _ramp(self, arguments: Arguments) -> Mapping[str, str]:
        self.turn(int(arguments["DesiredVolume"]))
        return {"RampTime": "0"}

    def _set_mute(self, arguments: Arguments) -> Mapping[str, str]:
        self.hush(mute=_true(arguments["DesiredMute"]))
        return _OK

    def _set_loudness(self, arguments: Arguments) -> Mapping[str, str]:
        self._loudness = _true(arguments["DesiredLoudness"])
        return _OK

    def _set_tone(self, name: str) -> Callable[[Arguments], Mapping[str, str]]:
        def call(arguments: Arguments) -> Mapping[str, str]:
            wanted = int(arguments[f"Desired{name}"])
            if not -_TONE <= wanted <= _TONE:
                raise UpnpRefusal(402)
            if not self._player.fault.mute:
                self._tone[name] = wanted
                self._tell()
            return _OK

        return call

    def _snapshot(self, _arguments: Arguments) -> Mapping[str, str]:
        members = self._player.household.group(self._player)
        self._shares = {member.uid: float(member.rendering.volume) for member in members}
        return _OK

    def _set_group_volume(self, wanted: int) -> None:
        """Keep the members' proportions, as the snapshot found them."""
        members = self._player.household.group(self._player)
        shares = {member.uid: self._shares.get(member.uid, float(member.rendering.volume)) for member in members}
        average = sum(shares.values()) / len(shares)
        for member in members:
            member.rendering.turn(wanted * shares[member.uid] / average if average else wanted)

    def _group_volume(self, arguments: Arguments) -> Mapping[str, str]:
        self._set_group_volume(int(arguments["DesiredVolume"]))
        return _OK

    def _nudge_group(self, arguments: Arguments) -> Mapping[str, str]:
        now = int(self.group_values()["GroupVolume"])
        self._set_group_volume(max(0, min(_FULL, now + int(arguments["Adjustment"]))))
        return {"NewVolume": self.group_values()["GroupVolume"]}

    def _mute_group(self, arguments: Arguments) -> Mapping[str, str]:
        for member in self._player.household.group(self._player):
            member.rendering.hush(mute=_true(arguments["DesiredMute"]))
        return _OK

    def _own_service(self) -> UpnpService:
        actions = {
            "GetVolume": Action("InstanceID Channel -> CurrentVolume", self._get_volume),
            "SetVolume": Action("InstanceID Channel DesiredVolume", self._set_volume),
            "SetRelativeVolume": Action("InstanceID Channel Adjustment -> NewVolume", self._nudge),
            "RampToVolume": Action("InstanceID Channel RampType DesiredVolume -> RampTime", self._ramp),
            "GetMute": Action("InstanceID Channel -> CurrentMute", lambda _: {"CurrentMute": _flag(on=self.mute)}),
            "SetMute": Action("InstanceID Channel DesiredMute", self._set_mute),
            "GetLoudness": Action(
                "InstanceID Channel -> CurrentLoudness", lambda _: {"CurrentLoudness": _flag(on=self._loudness)}
            ),
            "SetLoudness": Action("InstanceID Channel DesiredLoudness", self._set_loudness),
            "GetBass": Action("InstanceID -> CurrentBass", lambda _: {"CurrentBass": str(self._tone["Bass"])}),
            "SetBass": Action("InstanceID DesiredBass", self._set_tone("Bass")),
            "GetTreble": Action(
                "InstanceID -> CurrentTreble", lambda _: {"CurrentTreble": str(self._tone["Treble"])}
            ),
            "SetTreble": Action("InstanceID DesiredTreble", self._set_tone("Treble")),
            "GetSupportsOutputFixed": Action(
                "InstanceID -> CurrentSupportsFixed", lambda _: {"CurrentSupportsFixed": "0"}
            ),
            "GetOutputFixed": Action("InstanceID -> CurrentFixed", lambda _: {"CurrentFixed": "0"}),
        }
        return UpnpService(
            "RenderingControl",
            "/MediaRenderer",
            actions=actions,
            vocabulary=_VOCABULARY,
            initial=self._changes,
            tasks=self._player.tasks,
        )

    def _group_service(self) -> UpnpService:
        actions = {
            "GetGroupVolume": Action(
                "InstanceID -> CurrentVolume", lambda _: {"CurrentVolume": self.group_values()["GroupVolume"]}
            ),
            "SetGroupVolume": Action("InstanceID DesiredVolume", self._group_volume),
            "SetRelativeGroupVolume": Action("InstanceID Adjustment -> NewVolume", self._nudge_group),
            "GetGroupMute": Action(
                "InstanceID -> CurrentMute", lambda _: {"CurrentMute": self.group_values()["GroupMute"]}
            ),
            "SetGroupMute": Action("InstanceID DesiredMute", self._mute_group),
            "SnapshotGroupVolume": Action("InstanceID", self._snapshot),
        }
        variables = {**_VOCABULARY.variables, "GroupVolume": _VOLUME, "GroupMute": Variable("boolean", evented=True)}
        vocabulary = Vocabulary(variables, _VOCABULARY.arguments)
        return UpnpService(
            "GroupRenderingControl",
            "/MediaRenderer",
            actions=actions,
            vocabulary=vocabulary,
            initial=self.group_values,
            tasks=self._player.tasks,
        )


_VOLUME = Variable("ui2", range=(0, _FULL), evented=True)
_VOCABULARY = Vocabulary(
    {
        "Volume": Variable("ui2", range=(0, _FULL)),
        "Mute": Variable("boolean"),
        "Loudness": Variable("boolean"),
        "Bass": Variable("i2", range=(-_TONE, _TONE)),
        "Treble": Variable("i2", range=(-_TONE, _TONE)),
        "LastChange": Variable(evented=True),
        "A_ARG_TYPE_Channel": Variable(allowed=("Master", "LF", "RF")),
        "A_ARG_TYPE_Adjustment": Variable("i4"),
    },
    {
        "CurrentVolume": "Volume",
        "DesiredVolume": "Volume",
        "NewVolume": "Volume",
        "CurrentMute": "Mute",
        "DesiredMute": "Mute",
        "CurrentLoudness": "Loudness",
        "DesiredLoudness": "Loudness",
        "CurrentBass": "Bass",
        "DesiredBass": "Bass",
        "CurrentTreble": "Treble",
        "DesiredTreble": "Treble",
    },
)


def _flag(*, on: bool) -> str:
    return "1" if on else "0"


def _true(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes")
