"""What an announcement says about who the device is: identities that hold everywhere, hints that hold on one host."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claw.devices.discovery.kinds import HAP
from claw.model.announcement import Announcement, Via
from claw.model.identity import Identity, Scheme

_MAC_KEYS = ("mac", "macaddress", "mac_address", "wifi_mac", "mic_mac", "deviceid", "bridgeid", "hue-bridgeid")
_UUID_KEYS = ("id", "uuid", "udn", "pi")
_SERIAL_KEYS = ("serialnumber", "serial", "serial_number", "serialno", "sn")
_MODEL_KEYS = ("md", "model", "modelid", "modelname", "am", "ty")

_MAC = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{12}|[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5})(?![0-9a-f])")
_EUI64 = re.compile(r"([0-9a-f]{6})fffe([0-9a-f]{6})")
_RINCON = re.compile(r"rincon_([0-9a-f]{12})[0-9]{5}")
_UUID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_HEX_TAIL = re.compile(r"(?<![0-9a-f])[0-9a-f]{6,12}(?![0-9a-f])")
_PLACEHOLDER = re.compile(r"none|null|unknown|default|serial.*|n/?a|.*not.*|to be filled.*|x+|(.)\1*|0?12345.*")
_SHORTEST_SERIAL = 5
_MULTICAST_BIT = 0x01  # of a MAC's first byte: such a number was made up
_TAIL = 6


def identities(announcement: Announcement) -> frozenset[Identity]:
    """Every identity that survives a new address; empty when the announcement has none."""
    fields = announcement.fields
    if announcement.kind.lower() in HAP:
        return frozenset(filter(None, [Identity.of(Scheme.HAP, fields.get("id", ""))]))
    found: list[Identity | None] = []
    found += [_mac(fields[key]) for key in _MAC_KEYS if key in fields]
    found += [Identity.of(Scheme.SERIAL, serial) for key in _SERIAL_KEYS if (serial := _serial(fields.get(key, "")))]
    if announcement.via is Via.MDNS:
        for key in _UUID_KEYS:
            found += _uuid(fields.get(key, ""), strict=True)
        found += [_mac_in(word) for word in (fields.get("id", ""), announcement.name, fields.get("hostname", ""))]
    else:
        for key in ("usn", "udn"):
            found += _uuid(fields.get(key, ""))
    return frozenset(filter(None, found))


def hints(announcement: Announcement) -> frozenset[str]:
    """Words that two services of one box tend to share; they mean something only on the same host."""
    found: set[str] = set()
    if announcement.port:
        found.add(f"port:{announcement.port}")
    for name in (announcement.name, announcement.fields.get("friendlyname", "")):
        if word := re.sub(r"[\W_]+", "", name.casefold()):
            found.add(f"name:{word}")
        found |= {f"tail:{tail[-_TAIL:]}" for tail in _HEX_TAIL.findall(name.casefold())}
    found |= {f"tail:{i.value[-_TAIL:]}" for i in identities(announcement) if i.scheme is Scheme.MAC}
    found |= {f"model:{model.casefold()}" for key in _MODEL_KEYS if (model := announcement.fields.get(key))}
    return frozenset(found)


def addresses(announcement: Announcement) -> frozenset[Identity]:
    """The last resort of a service without any other identity: where it is."""
    made = (Identity.of(Scheme.ADDRESS, f"{host}:{announcement.port}") for host in announcement.hosts)
    return frozenset(filter(None, made))


def _mac(raw: str) -> Identity | None:
    """A MAC written in any usual way, or as EUI-64."""
    digits = re.sub(r"[:.-]", "", raw.casefold())
    eui = _EUI64.fullmatch(digits)
    return Identity.of(Scheme.MAC, eui[1] + eui[2] if eui else digits)


def _mac_in(raw: str) -> Identity | None:
    """The MAC inside a name (`shellyplug-A8032AB12345`), unless it looks like a mere number."""
    match = _MAC.search(raw.casefold())
    if match is None or match[0].isdecimal() or int(match[0][:2], 16) & _MULTICAST_BIT:
        return None
    return _mac(match[0])


def _uuid(raw: str, *, strict: bool = False) -> Iterator[Identity | None]:
    """The UUID of a USN, a UDN or a TXT value, and the MAC that a time-based or Sonos one carries."""
    word = raw.casefold().strip().removeprefix("uuid:").split("::", 1)[0]
    if rincon := _RINCON.match(word):
        yield Identity.of(Scheme.MAC, rincon[1])
        yield Identity.of(Scheme.UUID, rincon[0])  # embedded devices of a player append _MS, _MR
        return
    if _UUID.fullmatch(word):
        digits = word.replace("-", "")
        word = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
        if digits[12] == "1":
            yield None if int(digits[20:22], 16) & _MULTICAST_BIT else _mac(digits[20:])
    elif strict:
        return
    yield Identity.of(Scheme.UUID, word)


def _serial(raw: str) -> str:
    """A serial number that somebody really assigned; empty for the placeholders that firmware is full of."""
    word = raw.strip().casefold()
    usable = len(word) >= _SHORTEST_SERIAL and any(c.isdigit() for c in word) and not _PLACEHOLDER.fullmatch(word)
    return word if usable else ""
