"""The property sets of UPnP events, with LastChange unfolded.

UPnP Device Architecture 1.1, section 4.3; AVTransport:1, section 2.3 (LastChange).
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

from claw.model.json import Json
from claw.protocols.http_body import local, parse_xml

PADDING = b" \t\r\n\0"


def changes(content: bytes) -> dict[str, Json]:
    """Variable names to values; one that comes by channel is an object of channels. Raises DeviceGarbage."""
    result: dict[str, Json] = {}
    for holder in parse_xml(content.strip(PADDING)):
        for variable in holder:
            if local(variable.tag) == "LastChange":
                result |= _last_change((variable.text or "").strip())
            else:
                result[local(variable.tag)] = variable.text or ""
    return result


def _last_change(content: str) -> dict[str, Json]:
    if not content:
        return {}
    instances = list(parse_xml(content.encode()))
    # instance 0 is the only one that most devices have
    chosen = next((each for each in instances if each.get("val", "0") == "0"), instances[0] if instances else None)
    result: dict[str, Json] = {}
    for variable in chosen if chosen is not None else ():
        _add(result, variable)
    return result


def _add(result: dict[str, Json], variable: Element) -> None:
    name, value = local(variable.tag), variable.get("val", variable.text or "")
    channel = variable.get("channel") or variable.get("Channel")
    if channel is None:
        result[name] = value
    else:
        known = result.get(name)
        result[name] = {**(known if isinstance(known, dict) else {}), channel: value}
