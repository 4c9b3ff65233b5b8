"""SOAP as UPnP speaks it: one action call to bytes, its answer or fault to plain values.

UPnP Device Architecture 1.1, section 3 (control).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element
from xml.sax.saxutils import escape, quoteattr

from claw.errors import DeviceGarbage, NotSupported
from claw.model.json import Json
from claw.protocols.http_body import local, parse_xml

SERVICE = re.compile(r"[\w.:\-]{1,200}", re.ASCII)
NAME = re.compile(r"[A-Za-z_][\w.\-]{0,99}", re.ASCII)
PADDING = b" \t\r\n\0"
CONTENT_TYPE = 'text/xml; charset="utf-8"'
MEANINGS = {  # for devices that send the number alone
    "401": "Invalid Action",
    "402": "Invalid Args",
    "501": "Action Failed",
    "600": "Argument Value Invalid",
    "601": "Argument Value Out of Range",
    "602": "Optional Action Not Implemented",
    "606": "Action Not Authorized",
    "701": "Transition Not Available",
    "702": "No Contents",
    "714": "Illegal MIME Type",
    "718": "Invalid InstanceID",
}


def envelope(service: str, action: str, arguments: Mapping[str, Json]) -> bytes:
    """The body of one call. Raises NotSupported for names that cannot stand in XML."""
    if not SERVICE.fullmatch(service):
        raise NotSupported(f"{service[:60]!r} is no UPnP service type; correct the adapter.")
    for name in (action, *arguments):
        if not NAME.fullmatch(name):
            raise NotSupported(f"{name[:60]!r} cannot be a UPnP action or argument; correct the adapter.")
    inner = "".join(f"<{name}>{escape(_text(value))}</{name}>" for name, value in arguments.items())
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"'
        ' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><s:Body>'
        f"<u:{action} xmlns:u={quoteattr(service)}>{inner}</u:{action}>"
        "</s:Body></s:Envelope>"
    ).encode()


def _text(value: Json) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "1" if value else "0"
        case str():
            # control characters have no spelling in XML 1.0
            return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", value)
        case _:
            return json.dumps(value)


def answer(content: bytes) -> dict[str, Json]:
    """The out-arguments of a call, as the strings that the device wrote. Raises DeviceGarbage."""
    said = _said(content)
    if said is None:
        raise DeviceGarbage("The device answered XML that is no SOAP answer. Is this the right control address?")
    return {local(argument.tag): argument.text or "" for argument in said}


def fault(content: bytes) -> str:
    """What a fault says, as `number text`; empty when `content` is none."""
    try:
        said = _said(content) if b"Fault" in content else None
    except DeviceGarbage:
        return ""
    if said is None or local(said.tag) != "Fault":
        return ""
    found = {local(element.tag): (element.text or "").strip() for element in said.iter()}
    code = found.get("errorCode", "")
    words = found.get("errorDescription") or MEANINGS.get(code) or found.get("faultstring", "")
    return " ".join(f"{code} {words}".split())[:200] or "fault"


def _said(content: bytes) -> Element | None:
    """The one element inside the body."""
    body = next((e for e in parse_xml(content.strip(PADDING)) if local(e.tag) == "Body"), None)
    return None if body is None else next(iter(body), None)
