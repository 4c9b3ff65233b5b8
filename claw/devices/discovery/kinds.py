"""Service types by name: which to browse from the start, and which are never ours to drive."""

from __future__ import annotations

from collections.abc import Iterable

from claw.model.announcement import Announcement, Via

HAP = ("_hap._tcp", "_hap._udp")

# browsed from the first moment; the meta-query adds whatever else is there
WELL_KNOWN = (
    "_airplay._tcp",
    "_axis-video._tcp",
    "_bond._tcp",
    "_elg._tcp",
    "_esphomelib._tcp",
    "_googlecast._tcp",
    "_http._tcp",
    "_hue._tcp",
    "_ipp._tcp",
    "_leap._tcp",
    "_matter._tcp",
    "_matterc._udp",
    "_mqtt._tcp",
    "_nanoleafapi._tcp",
    "_nanoleafms._tcp",
    "_onvif._tcp",
    "_powerview._tcp",
    "_powerview-g3._tcp",
    "_printer._tcp",
    "_raop._tcp",
    "_rtsp._tcp",
    "_secure-mqtt._tcp",
    "_shelly._tcp",
    "_sonos._tcp",
    "_wled._tcp",
    "_wot._tcp",
)

# asked for one by one as well: some devices answer only their own search target
SEARCH_TARGETS = (
    "ssdp:all",
    "upnp:rootdevice",
    "urn:schemas-upnp-org:device:ZonePlayer:1",
    "urn:schemas-upnp-org:device:MediaRenderer:1",
    "urn:schemas-upnp-org:device:Basic:1",
    "urn:schemas-tagyoureit-org:device:PoolController:1",
    "urn:Belkin:device:**",
    "urn:schemas-upnp-org:device:DimmableLight:1",
)

_DISTRACTORS = {
    "printer": "_ipp _ipps _printer _pdl-datastream _scanner _uscan _uscans _fax-ipp _ipp-tls",
    "AirPlay receiver": "_airplay _raop _airport _appletv _appletv-v2 _touch-able _mediaremotetv",
    "Cast receiver": "_googlecast _googlezone _androidtvremote _androidtvremote2 _spotify-connect",
    "file share": "_smb _afpovertcp _nfs _adisk _webdav _webdavs _ftp _sftp-ssh _daap _dpap _dacp _tftp",
    "computer": (
        "_ssh _rfb _workstation _device-info _companion-link _rdlink _remotepairing _sleep-proxy _apple-mobdev2 "
        "_udisks-ssh _net-assistant _rdp _ard _presence _telnet _homekit _meshcop _trel _nomachine _distcc _eppc"
    ),
}
_BY_TYPE = {name: what for what, names in _DISTRACTORS.items() for name in names.split()}
_BY_UPNP = {
    "printer": "printer",
    "printerbasic": "printer",
    "scanner": "printer",
    "mediaserver": "file share",
    "internetgatewaydevice": "router",
    "wandevice": "router",
    "wanconnectiondevice": "router",
    "wfadevice": "router",
    "dial": "Cast receiver",
}
_NEUTRAL = {"_http._tcp", "_https._tcp", "upnp:rootdevice", "http"}  # says nothing about what the machine is
_URN_PARTS = 5


def distraction(announcement: Announcement) -> str | None:
    """What this service is when it is not ours to drive (`printer`, `file share`, ...); None when it may be."""
    if announcement.via is Via.MDNS:
        return _BY_TYPE.get(announcement.kind.split(".", 1)[0].lower())
    if announcement.via is Via.SSDP:
        for name in (announcement.kind, announcement.fields.get("devicetype", "")):
            urn = name.split(":")
            if len(urn) >= _URN_PARTS and (what := _BY_UPNP.get(urn[3].lower())):
                return what
    return None


def is_distractor(announcement: Announcement) -> bool:
    """Whether this is a service to name, but never to adopt."""
    return distraction(announcement) is not None


def distractor(announcements: Iterable[Announcement]) -> str | None:
    """What a whole device is when nothing that it offers is ours to drive; None when something may be."""
    found: str | None = None
    for announcement in announcements:
        what = distraction(announcement)
        if what is None and announcement.kind not in _NEUTRAL:
            return None
        found = found or what
    return found
