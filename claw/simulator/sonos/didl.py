"""DIDL-Lite, the way Sonos writes tracks, stations and favourites."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_OPEN = (
    '<DIDL-Lite xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:upnp="urn:schemas-upnp-org:metadata-1-0/upnp/"'
    ' xmlns:r="urn:schemas-rinconnetworks-com:metadata-1-0/" xmlns="urn:schemas-upnp-org:metadata-1-0/DIDL-Lite/">'
)
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_DESC = '<desc id="cdudn" nameSpace="urn:schemas-rinconnetworks-com:metadata-1-0/">{}</desc>'
RADIO = "object.item.audioItem.audioBroadcast"
TRACK = "object.item.audioItem.musicTrack"
PLAYLIST = "object.container.playlistContainer"


@dataclass(frozen=True, slots=True)
class Track:
    """Something to play. `seconds` 0: a live stream. `tracks`: what a playlist holds."""

    title: str
    uri: str
    artist: str = ""
    album: str = ""
    seconds: int = 0
    tracks: tuple[Track, ...] = ()

    @property
    def kind(self) -> str:
        """Its UPnP class."""
        return PLAYLIST if self.tracks else TRACK if self.seconds else RADIO


def clock(seconds: float) -> str:
    """H:MM:SS."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def seconds(text: str) -> int:
    """The inverse of `clock`. Raises ValueError."""
    hours, minutes, rest = (int(part) for part in text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def wrap(items: Iterable[str]) -> str:
    """A DIDL-Lite document."""
    return _OPEN + "".join(items) + "</DIDL-Lite>"


def item(track: Track, key: str, parent: str) -> str:
    """A track as a queue or position entry."""
    duration = f' duration="{clock(track.seconds)}"' if track.seconds else ""
    protocol = f"{track.uri.partition(':')[0]}:*:audio/mpeg:*"
    return (
        f'<item id="{key}" parentID="{parent}" restricted="true">'
        f'<res protocolInfo="{protocol}"{duration}>{escape(track.uri)}</res>'
        f"<dc:title>{escape(track.title)}</dc:title><upnp:class>{track.kind}</upnp:class>"
        f"<dc:creator>{escape(track.artist)}</dc:creator><upnp:album>{escape(track.album)}</upnp:album></item>"
    )


def favourite(track: Track, number: int) -> str:
    """A favourite: a shortcut that carries the metadata to play it with."""
    tag = "container" if track.tracks else "item"
    inner = (
        f'<{tag} id="F00{number}" parentID="F" restricted="true"><dc:title>{escape(track.title)}</dc:title>'
        f"<upnp:class>{track.kind}</upnp:class>{_DESC.format('SA_RINCON65031_')}</{tag}>"
    )
    return (
        f'<item id="FV:2/{number}" parentID="FV:2" restricted="false"><dc:title>{escape(track.title)}</dc:title>'
        f'<res protocolInfo="{track.uri.partition(":")[0]}:*:*:*">{escape(track.uri)}</res>'
        "<upnp:class>object.itemobject.item.sonos-favorite</upnp:class>"
        f"<r:ordinal>{number}</r:ordinal><r:type>instantPlay</r:type><r:description>Simulated</r:description>"
        f"<r:resMD>{escape(wrap([inner]))}</r:resMD></item>"
    )


def title_of(metadata: str) -> str:
    """The title inside a DIDL-Lite document, empty when there is none."""
    try:
        return fromstring(metadata).findtext(f".//{_TITLE}") or ""
    except (ParseError, DefusedXmlException, ValueError):
        return ""
