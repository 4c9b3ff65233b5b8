"""AVTransport: the queue, what plays, and where in it; tracks run on by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from claw.model.json import JsonObject
from claw.simulator.sonos import didl
from claw.simulator.sonos.didl import Track
from claw.simulator.upnp.gena import last_change
from claw.simulator.upnp.service import Action, Arguments, UpnpService, Variable, Vocabulary
from claw.simulator.upnp.soap import UpnpRefusal

if TYPE_CHECKING:
    from claw.simulator.sonos.player import SonosPlayer

PLAYING, PAUSED, STOPPED, TRANSITIONING = "PLAYING", "PAUSED_PLAYBACK", "STOPPED", "TRANSITIONING"
BUFFERING = 0.15  # seconds between Play and sound
_NOTHING = Track("", "")
_MODES = ("NORMAL", "REPEAT_ALL", "SHUFFLE_NOREPEAT", "SHUFFLE", "REPEAT_ONE", "SHUFFLE_REPEAT_ONE")
_OK: Mapping[str, str] = {}


class Transport:
    """One player's transport. A grouped player follows its coordinator and refuses transport commands."""

    def __init__(self, player: SonosPlayer) -> None:
        self._player = player
        self.queue: list[Track] = []
        self.uri = ""
        self.metadata = ""
        self.mode = "NORMAL"
        self._radio = _NOTHING
        self._index = 0
        self._state = STOPPED
        self._position = 0.0
        self._since = 0.0
        self.service = self._service()

    @property
    def state(self) -> str:
        """The transport state; a moment of buffering follows Play."""
        self._run_on()
        if self._state == PLAYING and self._player.now() - self._since < BUFFERING and self._position == 0:
            return TRANSITIONING
        return self._state

    @property
    def current(self) -> Track:
        """What is selected."""
        self._run_on()
        if self.uri.startswith("x-rincon-queue:"):
            return self.queue[self._index] if self._index < len(self.queue) else _NOTHING
        return self._radio

    def position(self) -> float:
        """Seconds into the track."""
        self._run_on()
        elapsed = self._player.now() - self._since if self._state == PLAYING else 0.0
        return self._position + elapsed

    def truth(self) -> JsonObject:
        """What comes out of the loudspeaker."""
        leader = self._player.household.coordinator(self._player).transport
        playing = leader.state in (PLAYING, TRANSITIONING)
        return {"playing": playing, "title": leader.current.title if playing else "", "queue": len(self.queue)}

    def take_over(self, other: Transport) -> None:
        """Go on with another player's music, as a group does when its coordinator leaves."""
        other._run_on()
        self.queue, self.uri, self.metadata = list(other.queue), other.uri, other.metadata
        if self.uri.startswith("x-rincon-queue:"):
            self.uri = f"x-rincon-queue:{self._player.uid}#0"
        self._radio, self._index, self._state = other._radio, other._index, other._state
        self._position, self._since = other._position, other._since
        other._stop()

    def tell(self) -> None:
        """Publish the transport's state."""
        self.service.events.publish(self._changes())

    def _changes(self) -> Mapping[str, str]:
        current = self.current
        metadata = didl.wrap([didl.item(current, "-1", "-1")]) if current.uri else ""
        return last_change(
            "urn:schemas-upnp-org:metadata-1-0/AVT/",
            {
                "TransportState": self.state,
                "CurrentPlayMode": self.mode,
                "NumberOfTracks": str(len(self.queue)),
                "CurrentTrack": str(self._index + 1),
                "CurrentTrackURI": current.uri,
                "CurrentTrackDuration": didl.clock(current.seconds),
                "CurrentTrackMetaData": metadata,
                "AVTransportURI": self.uri,
                "AVTransportURIMetaData": self.metadata,
            },
        )

    def _run_on(self) -> None:
        """Let tracks that have ended give way to the next ones."""
        now = self._player.now()
        if self._state != PLAYING or not self.uri.startswith("x-rincon-queue:"):
            return
        while self._index < len(self.queue):
            left = self.queue[self._index].seconds - self._position
            if left > now - self._since:
                return
            self._since += left
            self._position, self._index = 0.0, self._index + 1
        self._index = 0
        if self.mode not in ("REPEAT_ALL", "SHUFFLE") or not self.queue:
            self._stop()

    def _stop(self) -> None:
        self._state, self._position = STOPPED, 0.0

    def _lead(self) -> None:
        if self._player.household.coordinator(self._player) is not self._player:
            raise UpnpRefusal(800)

    def _set(self, state: str, position: float | None = None) -> None:
        """Change state, then tell; a moment of buffering is told of as well."""
        if position is None:
            position = self.position()
        self._state, self._position, self._since = state, position, self._player.now()
        self.tell()
        if self.state == TRANSITIONING:
            self._player.later(BUFFERING, self.tell)

    def _set_uri(self, arguments: Arguments) -> Mapping[str, str]:
        uri, metadata = arguments["CurrentURI"], arguments["CurrentURIMetaData"]
        household = self._player.household
        if self._player.fault.mute:
            return _OK
        if uri.startswith("x-rincon:"):
            leader = household.find(uri.removeprefix("x-rincon:"))
            if leader is None:
                raise UpnpRefusal(714)
            household.join(self._player, household.coordinator(leader))
            self._stop()
            self.uri, self.metadata = uri, ""
            return _OK
        self._lead()
        if uri.partition(":")[0] not in _PLAYABLE:
            raise UpnpRefusal(714)
        self.uri, self.metadata, self._index = uri, metadata, 0
        known = next((track for track in household.favourites if track.uri == uri), None)
        self._radio = known or Track(didl.title_of(metadata) or uri, uri)
        self._stop()
        self.tell()
        return _OK

    def _play(self, _arguments: Arguments) -> Mapping[str, str]:
        self._lead()
        if not self.current.uri:
            raise UpnpRefusal(701)
        if not self._player.fault.mute and self._state != PLAYING:
            self._set(PLAYING)
        return _OK

    def _pause(self, _arguments: Arguments) -> Mapping[str, str]:
        self._lead()
        if self.state not in (PLAYING, TRANSITIONING):
            raise UpnpRefusal(701)
        if not self._player.fault.mute:
            # a live stream cannot be held
            self._set(PAUSED if self.current.seconds else STOPPED)
        return _OK

    def _halt(self, _arguments: Arguments) -> Mapping[str, str]:
        self._lead()
        if not self._player.fault.mute:
            self._set(STOPPED, 0.0)
        return _OK

    def _skip(self, by: int) -> Mapping[str, str]:
        self._lead()
        there = self._index + by
        if not self.uri.startswith("x-rincon-queue:") or not 0 <= there < len(self.queue):
            raise UpnpRefusal(711)
        if not self._player.fault.mute:
            self._index = there
            self._set(self._state, 0.0)
        return _OK

    def _seek(self, arguments: Arguments) -> Mapping[str, str]:
        self._lead()
        target = arguments["Target"]
        if arguments["Unit"] == "TRACK_NR":
            return self._skip(int(target) - 1 - self._index)
        if arguments["Unit"] not in ("REL_TIME", "TIME_DELTA"):
            raise UpnpRefusal(711)
        place = didl.seconds(target)
        if not 0 <= place <= self.current.seconds:
            raise UpnpRefusal(711)
        if not self._player.fault.mute:
            self._set(self._state, float(place))
        return _OK

    def _enqueue(self, arguments: Arguments) -> Mapping[str, str]:
        uri, metadata = arguments["EnqueuedURI"], arguments["EnqueuedURIMetaData"]
        known = next((track for track in self._player.household.favourites if track.uri == uri), None)
        tracks = list(known.tracks) if known and known.tracks else [known or _song(uri, metadata)]
        at = int(arguments["DesiredFirstTrackNumberEnqueued"])
        place = at - 1 if 0 < at <= len(self.queue) else len(self.queue)
        if not self._player.fault.mute:
            self.queue[place:place] = tracks
            self.tell()
        return {
            "FirstTrackNumberEnqueued": str(place + 1),
            "NumTracksAdded": str(len(tracks)),
            "NewQueueLength": str(len(self.queue)),
        }

    def _dequeue(self, arguments: Arguments) -> Mapping[str, str]:
        number = int(arguments["ObjectID"].rpartition("/")[2])
        if not 0 < number <= len(self.queue):
            raise UpnpRefusal(402)
        if not self._player.fault.mute:
            del self.queue[number - 1]
            self._index = min(self._index, max(0, len(self.queue) - 1))
        return _OK

    def _clear(self, _arguments: Arguments) -> Mapping[str, str]:
        if not self._player.fault.mute:
            self.queue.clear()
            self._index = 0
            if self.uri.startswith("x-rincon-queue:"):
                self._set(STOPPED, 0.0)
        return _OK

    def _unjoin(self, _arguments: Arguments) -> Mapping[str, str]:
        if not self._player.fault.mute:
            self._player.household.unjoin(self._player)
            if self.uri.startswith("x-rincon:"):
                self.uri = ""
        return {"DelegatedGroupCoordinatorID": "", "NewGroupID": f"{self._player.uid}:1"}

    def _set_mode(self, arguments: Arguments) -> Mapping[str, str]:
        if arguments["NewPlayMode"] not in _MODES:
            raise UpnpRefusal(402)
        if not self._player.fault.mute:
            self.mode = arguments["NewPlayMode"]
        return _OK

    def _position_info(self, _arguments: Arguments) -> Mapping[str, str]:
        current = self.current
        where = didl.clock(self.position()) if current.seconds else "0:00:00"
        return {
            "Track": str(self._index + 1 if current.uri else 0),
            "TrackDuration": didl.clock(current.seconds),
            "TrackMetaData": didl.wrap([didl.item(current, "-1", "-1")]) if current.uri else "",
            "TrackURI": current.uri or self.uri,
            "RelTime": where,
            "AbsTime": "NOT_IMPLEMENTED",
            "RelCount": "2147483647",
            "AbsCount": "2147483647",
        }

    def _media_info(self, _arguments: Arguments) -> Mapping[str, str]:
        return {
            "NrTracks": str(len(self.queue)),
            "MediaDuration": "NOT_IMPLEMENTED",
            "CurrentURI": self.uri,
            "CurrentURIMetaData": self.metadata,
            "NextURI": "",
            "NextURIMetaData": "",
            "PlayMedium": "NETWORK",
            "RecordMedium": "NOT_IMPLEMENTED",
            "WriteStatus": "NOT_IMPLEMENTED",
        }

    def _transport_info(self, _arguments: Arguments) -> Mapping[str, str]:
        leader = self._player.household.coordinator(self._player).transport
        return {"CurrentTransportState": leader.state, "CurrentTransportStatus": "OK", "CurrentSpeed": "1"}

    def _service(self) -> UpnpService:
        actions = {
            "SetAVTransportURI": Action("InstanceID CurrentURI CurrentURIMetaData", self._set_uri),
            "Play": Action("InstanceID Speed", self._play),
            "Pause": Action("InstanceID", self._pause),
            "Stop": Action("InstanceID", self._halt),
            "Next": Action("InstanceID", lambda _: self._skip(1)),
            "Previous": Action("InstanceID", lambda _: self._skip(-1)),
            "Seek": Action("InstanceID Unit Target", self._seek),
            "GetTransportInfo": Action(
                "InstanceID -> CurrentTransportState CurrentTransportStatus CurrentSpeed", self._transport_info
            ),
            "GetPositionInfo": Action(
                "InstanceID -> Track TrackDuration TrackMetaData TrackURI RelTime AbsTime RelCount AbsCount",
                self._position_info,
            ),
            "GetMediaInfo": Action(
                "InstanceID -> NrTracks MediaDuration CurrentURI CurrentURIMetaData NextURI NextURIMetaData"
                " PlayMedium RecordMedium WriteStatus",
                self._media_info,
            ),
            "GetTransportSettings": Action(
                "InstanceID -> PlayMode RecQualityMode",
                lambda _: {"PlayMode": self.mode, "RecQualityMode": "NOT_IMPLEMENTED"},
            ),
            "SetPlayMode": Action("InstanceID NewPlayMode", self._set_mode),
            "GetCrossfadeMode": Action("InstanceID -> CrossfadeMode", lambda _: {"CrossfadeMode": "0"}),
            "GetCurrentTransportActions": Action(
                "InstanceID -> Actions",
                lambda _: {"Actions": "Set, Stop, Pause, Play, X_DLNA_SeekTime, Next, Previous"},
            ),
            "GetRemainingSleepTimerDuration": Action(
                "InstanceID -> RemainingSleepTimerDuration CurrentSleepTimerGeneration",
                lambda _: {"RemainingSleepTimerDuration": "", "CurrentSleepTimerGeneration": "0"},
            ),
            "AddURIToQueue": Action(
                "InstanceID EnqueuedURI EnqueuedURIMetaData DesiredFirstTrackNumberEnqueued EnqueueAsNext"
                " -> FirstTrackNumberEnqueued NumTracksAdded NewQueueLength",
                self._enqueue,
            ),
            "RemoveTrackFromQueue": Action("InstanceID ObjectID UpdateID", self._dequeue),
            "RemoveAllTracksFromQueue": Action("InstanceID", self._clear),
            "BecomeCoordinatorOfStandaloneGroup": Action(
                "InstanceID -> DelegatedGroupCoordinatorID NewGroupID", self._unjoin
            ),
        }
        return UpnpService(
            "AVTransport",
            "/MediaRenderer",
            actions=actions,
            vocabulary=_VOCABULARY,
            initial=self._changes,
            tasks=self._player.tasks,
        )


_PLAYABLE = {
    "x-rincon-queue", "x-rincon-mp3radio", "x-sonosapi-stream", "x-sonosapi-radio", "x-file-cifs", "hls-radio",
    "aac", "x-rincon-stream", "x-sonos-http", "http", "https",
}  # fmt: skip
_VOCABULARY = Vocabulary(
    {
        "TransportState": Variable(allowed=(STOPPED, PLAYING, PAUSED, TRANSITIONING)),
        "CurrentPlayMode": Variable(allowed=_MODES),
        "TransportPlaySpeed": Variable(allowed=("1",)),
        "NumberOfTracks": Variable("ui4"),
        "CurrentTrack": Variable("ui4"),
        "LastChange": Variable(evented=True),
        "CrossfadeMode": Variable("boolean"),
    },
    {
        "CurrentTransportState": "TransportState",
        "PlayMode": "CurrentPlayMode",
        "NewPlayMode": "CurrentPlayMode",
        "Speed": "TransportPlaySpeed",
        "CurrentSpeed": "TransportPlaySpeed",
        "Track": "CurrentTrack",
        "NrTracks": "NumberOfTracks",
    },
)


def _song(uri: str, metadata: str) -> Track:
    return replace(Track(didl.title_of(metadata) or uri.rpartition("/")[2], uri), seconds=180)
