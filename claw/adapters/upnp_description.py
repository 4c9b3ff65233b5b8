"""UPnP descriptions and SCPDs as plain values: bounded, lenient, and pointing at their own machine only.

UPnP Device Architecture 1.1, sections 2.3 (device) and 2.5 (service description).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from claw.errors import DeviceGarbage

MAX_XML: Final = 1024 * 1024
MAX_SERVICES: Final = 64
MAX_ROWS: Final = 300
MAX_ALLOWED: Final = 100
_TEXTS: Final = {
    "udn": "UDN",
    "device_type": "deviceType",
    "friendly_name": "friendlyName",
    "manufacturer": "manufacturer",
    "model": "modelName",
    "serial": "serialNumber",
    "presentation": "presentationURL",
}
_URLS: Final = {"control": "controlURL", "event": "eventSubURL", "scpd": "SCPDURL"}


def parse_description(xml: bytes | str, location: str = "") -> dict[str, Any]:
    """The root device and every service of it and its embedded devices. Raises DeviceGarbage.

    Texts by the keys of `_TEXTS`; `services`: `[{"type", "id", "control", "event", "scpd"}]`. URLs become paths on
    the machine of `location`; one that leads to another machine becomes empty.
    """
    root = _root(xml)
    base = location or (_text(root, "URLBase") or "")
    device = next(_named(root, "device"), root)
    about: dict[str, Any] = {key: _text(device, name) for key, name in _TEXTS.items()}
    about["presentation"] = _path(about["presentation"], base)
    services: list[dict[str, str]] = []
    for node in root.iter():
        if _local(node) == "service" and len(services) < MAX_SERVICES and (kind := _text(node, "serviceType")):
            paths = {key: _path(_text(node, name), base) for key, name in _URLS.items()}
            services.append({"type": kind, "id": _text(node, "serviceId"), **paths})
    return {**about, "services": services}


def parse_scpd(xml: bytes | str) -> dict[str, Any]:
    """`{"actions": {name: {"in": {argument: variable}, "out": ...}}, "variables": {name: {...}}}`.

    A variable has `type` and `events`, and where it says so `minimum`, `maximum`, `step` and `allowed`.
    Raises DeviceGarbage.
    """
    root = _root(xml)
    actions: dict[str, Any] = {}
    variables: dict[str, Any] = {}
    for node in root.iter():
        name = _text(node, "name")
        if not name or len(actions) >= MAX_ROWS or len(variables) >= MAX_ROWS:
            continue
        if _local(node) == "action":
            actions[name] = _arguments(node)
        elif _local(node) == "stateVariable":
            variables[name] = _variable(node)
    return {"actions": actions, "variables": variables}


def _arguments(action: Element) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {"in": {}, "out": {}}
    for node in [each for each in action.iter() if _local(each) == "argument"][:MAX_ALLOWED]:
        direction = _text(node, "direction").lower()
        if direction in found and (name := _text(node, "name")):
            found[direction][name] = _text(node, "relatedStateVariable")
    return found


def _variable(node: Element) -> dict[str, Any]:
    made: dict[str, Any] = {"type": _text(node, "dataType").lower(), "events": node.get("sendEvents", "yes") != "no"}
    for ranged in _named(node, "allowedValueRange"):
        for name in ("minimum", "maximum", "step"):
            value = _number(_text(ranged, name))
            if value is not None:
                made[name] = value
    allowed = [(each.text or "").strip() for each in node.iter() if _local(each) == "allowedValue"]
    if allowed:
        made["allowed"] = allowed[:MAX_ALLOWED]
    return made


def _root(xml: bytes | str) -> Element:
    """The document's root; a BOM, padding and a wrong encoding are forgiven, entities are not."""
    raw = xml.encode("utf-8", "replace") if isinstance(xml, str) else xml
    if len(raw) > MAX_XML:
        raise DeviceGarbage(f"The description is larger than {MAX_XML >> 10} KiB; that is not one.")
    raw = raw.strip(b" \t\r\n\x00").removeprefix(b"\xef\xbb\xbf").lstrip()
    for attempt in (raw, re.sub(rb"^<\?xml[^>]*\?>", b"", raw).decode("utf-8", "replace").encode()):
        try:
            root: Element = ElementTree.fromstring(attempt)
        except DefusedXmlException as error:
            raise DeviceGarbage("The description declares entities; that is refused.") from error
        except (ParseError, ValueError, LookupError, RecursionError):
            continue
        return root
    raise DeviceGarbage("The description is not XML.")


def _local(node: Element) -> str:
    tag: object = node.tag  # a comment's is a function
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _named(parent: Element, name: str) -> Iterator[Element]:
    return (child for child in parent if _local(child) == name)


def _text(parent: Element, name: str) -> str:
    child = next(_named(parent, name), None)
    return "" if child is None else " ".join((child.text or "").split())[:300]


def _number(text: str) -> float | None:
    try:
        value = float(text[:40])
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _path(url: str, base: str) -> str:
    """Path and query of `url`, empty when it leads to another host than `base`."""
    if not url:
        return ""
    try:
        there, here = urlsplit(urljoin(base or "http:///", url)), urlsplit(base)
        host, expected = there.hostname, here.hostname
    except ValueError:
        return ""
    if there.scheme not in ("http", "https", "") or (host and host != expected):
        return ""
    path = there.path if there.path.startswith("/") else f"/{there.path}"
    return f"{path}?{there.query}" if there.query else path
