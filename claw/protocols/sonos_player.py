"""A Sonos player through SoCo. Everything here blocks and runs in a worker thread; importing it is slow."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import soco.services  # type: ignore[import-untyped]
from soco import SoCo, config
from soco.exceptions import (  # type: ignore[import-untyped]
    NotSupportedException,
    SoCoException,
    SoCoSlaveException,
    SoCoUPnPException,
)

from claw.errors import DeviceError, DeviceGarbage, DeviceRefused, NotSupported
from claw.model.json import Json
from claw.protocols.binding import DEFAULT_TIMEOUT
from claw.protocols.http_body import local, parse_xml
from claw.protocols.sonos_post import Post

STATES = {"PLAYING": "playing", "TRANSITIONING": "playing", "PAUSED_PLAYBACK": "paused"}
LIVE = ("x-sonosapi-stream:", "x-rincon-mp3radio:", "x-sonosapi-radio:", "x-sonosapi-hls:", "hls-radio:", "aac:")
UNAVAILABLE = "701"  # UPnP: transition not available
MAX_FAVOURITES = 200
SHOWN = 10

config.REQUEST_TIMEOUT = DEFAULT_TIMEOUT
config.ZGT_EVENT_FALLBACK = False  # it would open a listener of SoCo's own
soco.services.requests = Post(soco.services.requests)


def run(host: str, port: int, job: Callable[[SoCo], Json]) -> Json:
    """Do a job with the player at this address. Raises only the DeviceError family."""
    where = f"{host}:{port}"
    try:
        return job(SoCo(host, port))
    except DeviceError:
        raise
    except SoCoUPnPException as error:
        if error.error_code == UNAVAILABLE:
            raise DeviceRefused(f"{where} can't do that just now; it may have nothing to play.") from error
        words = f"{error.error_code} {error.error_description}".strip()
        raise DeviceRefused(f"{where} refuses that just now: UPnP error {words}.") from error
    except NotSupportedException as error:
        raise NotSupported(f"{where} cannot do that.") from error
    except SoCoSlaveException as error:
        raise DeviceRefused(f"{where} plays along with another room; ask that one.") from error
    except (SoCoException, ArithmeticError, AttributeError, LookupError, SyntaxError, TypeError, ValueError) as error:
        # SoCo trusts what players say, so nonsense shows up as almost anything; XML errors are SyntaxErrors
        raise DeviceGarbage(f"{where} answered something that no Sonos player says.") from error


def forget(host: str, port: int) -> None:
    """Drop what SoCo keeps for an address, for another player may have it now."""
    players = SoCo._instances.get("SoCo", {})  # noqa: SLF001 - SoCo has no other way to let go of a player
    if players.pop((host, port), None) is not None:
        SoCo.zone_group_states.clear()


def device(player: SoCo) -> Json:
    """Who it is."""
    player.zone_group_state.clear_cache()
    uid = player.uid or ""
    mac = re.fullmatch(r"RINCON_([0-9A-Fa-f]{12})\d+", uid)
    return {
        "uid": uid,
        "mac": mac[1] if mac else "",
        "room": player.player_name or "",
        "household": player.household_id,
    }


def transport(player: SoCo) -> Json:
    """What it plays, with whom; its group's coordinator knows."""
    leader = coordinator(player)
    state = leader.get_current_transport_info()["current_transport_state"]
    title = leader.get_current_track_info()["title"]
    return {"state": STATES.get(state, "stopped"), "title": title or "", "group": " + ".join(_rooms(player))}


def volume(player: SoCo) -> Json:
    """0 to 100."""
    return int(player.volume)


def mute(player: SoCo) -> Json:
    """Whether it is silent."""
    return bool(player.mute)


def set_volume(player: SoCo, value: Json) -> Json:
    """0 to 100; this player, not its group."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotSupported(f"A volume is a number from 0 to 100, not {value!r:.40}.")
    player.volume = min(max(round(value), 0), 100)
    return None


def set_mute(player: SoCo, value: Json) -> Json:
    """This player, not its group."""
    player.mute = bool(value)
    return None


def coordinator(player: SoCo) -> SoCo:
    """The player that decides for the group, as things stand right now."""
    player.zone_group_state.clear_cache()
    group = player.group
    return player if group is None or group.coordinator is None else group.coordinator


def address(player: SoCo) -> Json:
    """Where the group's coordinator is."""
    leader = coordinator(player)
    return [leader.ip_address, leader.port]


def pause(player: SoCo) -> Json:
    """Pause, or stop what cannot be paused; nothing when nothing plays."""
    leader = coordinator(player)
    try:
        leader.pause()
    except SoCoUPnPException as error:
        if error.error_code != UNAVAILABLE:
            raise
        if STATES.get(leader.get_current_transport_info()["current_transport_state"]) == "playing":
            leader.stop()
    return None


def join(player: SoCo, room: str) -> Json:
    """Play along with the group of a room."""
    player.zone_group_state.clear_cache()
    rooms = {zone.player_name: zone for zone in player.visible_zones}
    found = next((zone for name, zone in rooms.items() if name.casefold() == room.strip().casefold()), None)
    if found is None:
        raise DeviceRefused(f"No Sonos room is called {room!r:.60}. There are: {_some(sorted(rooms))}.")
    leader = found.group.coordinator
    if leader is not coordinator(player):
        player.join(leader)
    return None


def leave(player: SoCo) -> Json:
    """Play alone."""
    player.unjoin()
    return None


def play_favourite(player: SoCo, name: str) -> Json:
    """Play one of the household's favourites; a list goes to the end of the queue and starts there."""
    wanted = name.strip().casefold()
    known = _favourites(player)
    close = [title for title in known if wanted and wanted in title.casefold()]
    title = next((each for each in known if each.casefold() == wanted), close[0] if len(close) == 1 else None)
    if title is None:
        raise DeviceRefused(f"There is no favourite {name!r:.60}. There are: {_some(sorted(close or known))}.")
    uri, meta = known[title]
    leader = coordinator(player)
    if uri.startswith(LIVE) or "audioBroadcast" in meta:
        leader.play_uri(uri, meta=meta)
        return None
    queued = leader.avTransport.AddURIToQueue(
        [
            ("InstanceID", 0),
            ("EnqueuedURI", uri),
            ("EnqueuedURIMetaData", meta),
            ("DesiredFirstTrackNumberEnqueued", 0),
            ("EnqueueAsNext", 0),
        ]
    )
    leader.play_from_queue(int(queued["FirstTrackNumberEnqueued"]) - 1)
    return None


def _favourites(player: SoCo) -> Mapping[str, tuple[str, str]]:
    """Titles to address and metadata. SoCo's own reader gives up at the first entry that it cannot read."""
    answer = player.contentDirectory.Browse(
        [
            ("ObjectID", "FV:2"),
            ("BrowseFlag", "BrowseDirectChildren"),
            ("Filter", "*"),
            ("StartingIndex", 0),
            ("RequestedCount", MAX_FAVOURITES),
            ("SortCriteria", ""),
        ]
    )
    result: dict[str, tuple[str, str]] = {}
    for item in parse_xml(answer["Result"]) if answer["Result"] else ():
        fields = {local(field.tag): field.text or "" for field in item}
        if fields.get("title") and fields.get("res"):
            result[fields["title"]] = (fields["res"], fields.get("resMD", ""))
    return result


def _rooms(player: SoCo) -> list[str]:
    """The rooms of its group, the coordinator's first; empty when it is alone."""
    group = player.group
    seen = [] if group is None else [each for each in group.members if each.is_visible]
    names = sorted({each.player_name or "" for each in seen})
    first = group.coordinator.player_name if group is not None and group.coordinator is not None else ""
    return sorted(names, key=lambda name: name != first) if len(names) > 1 else []


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (" ..." if len(names) > SHOWN else "") if names else "none"
