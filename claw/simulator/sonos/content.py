"""ContentDirectory: the queue, and the shelf of favourites."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from claw.simulator.sonos import didl
from claw.simulator.upnp.service import Action, Arguments, UpnpService, Variable, Vocabulary
from claw.simulator.upnp.soap import UpnpRefusal

if TYPE_CHECKING:
    from claw.simulator.sonos.player import SonosPlayer

_EMPTY = ("SQ:", "R:0/0", "R:0/1", "A:ARTIST", "A:ALBUM", "A:TRACKS", "S:")  # shelves with nothing on them
_NO_SUCH_OBJECT = 701
_VOCABULARY = Vocabulary(
    {
        "SystemUpdateID": Variable("ui4", evented=True),
        "A_ARG_TYPE_BrowseFlag": Variable(allowed=("BrowseMetadata", "BrowseDirectChildren")),
        "A_ARG_TYPE_Count": Variable("ui4"),
    },
    dict.fromkeys(("StartingIndex", "RequestedCount", "NumberReturned", "TotalMatches"), "A_ARG_TYPE_Count"),
)


def content_service(player: SonosPlayer) -> UpnpService:
    """Browsing, as the Sonos apps and SoCo do it."""

    def browse(arguments: Arguments) -> Mapping[str, str]:
        items = _items(player, arguments["ObjectID"], arguments["BrowseFlag"])
        start, count = int(arguments["StartingIndex"]), int(arguments["RequestedCount"])
        page = items[start : start + count] if count else items[start:]
        return {
            "Result": didl.wrap(page),
            "NumberReturned": str(len(page)),
            "TotalMatches": str(len(items)),
            "UpdateID": "1",
        }

    ins = "ObjectID BrowseFlag Filter StartingIndex RequestedCount SortCriteria"
    return UpnpService(
        "ContentDirectory",
        "/MediaServer",
        actions={
            "Browse": Action(f"{ins} -> Result NumberReturned TotalMatches UpdateID", browse),
            "GetSystemUpdateID": Action("-> Id", lambda _: {"Id": "1"}),
        },
        vocabulary=_VOCABULARY,
        initial=lambda: {"SystemUpdateID": "1"},
        tasks=player.tasks,
    )


def _items(player: SonosPlayer, place: str, flag: str) -> list[str]:
    queue = player.transport.queue
    if place == "FV:2":
        return [didl.favourite(track, number) for number, track in enumerate(player.household.favourites, 1)]
    if place == "Q:0" and flag == "BrowseMetadata":
        return [f'<container id="Q:0" parentID="Q:" restricted="true" childCount="{len(queue)}"></container>']
    if place == "Q:0":
        return [didl.item(track, f"Q:0/{number}", "Q:0") for number, track in enumerate(queue, 1)]
    if place in _EMPTY:
        return []
    raise UpnpRefusal(_NO_SUCH_OBJECT)
