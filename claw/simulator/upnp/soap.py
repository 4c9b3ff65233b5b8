"""SOAP control messages (UPnP Device Architecture 1.1, 3.2)."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import ParseError
from xml.sax.saxutils import escape

from aiohttp import web
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

_ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
_ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"
_REASONS = {
    401: "Invalid Action",
    402: "Invalid Args",
    501: "Action Failed",
    701: "Transition not available",
    711: "Illegal seek target",
    714: "Illegal MIME-type",
    718: "Invalid InstanceID",
    800: "Not the coordinator of its group",
}


class UpnpRefusal(Exception):
    """The device refuses an action with a UPnP error code; never leaves the simulator's HTTP layer."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code} {_REASONS.get(code, 'Action Failed')}")
        self.code = code


def parse(body: str) -> dict[str, str]:
    """The arguments of a request. Raises UpnpRefusal(402) when it is not SOAP."""
    try:
        root = fromstring(body)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise UpnpRefusal(402) from error
    call = root.find(f"{{{_ENVELOPE}}}Body/*")
    if call is None:
        raise UpnpRefusal(402)
    return {element.tag.rpartition("}")[2]: element.text or "" for element in call}


def answer(service: str, action: str, values: Mapping[str, str]) -> web.Response:
    """A successful reply."""
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in values.items())
    return _envelope(f'<u:{action}Response xmlns:u="{service}">{inner}</u:{action}Response>', 200)


def fault(code: int) -> web.Response:
    """A UPnP error."""
    return _envelope(
        "<s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail>"
        f'<UPnPError xmlns="urn:schemas-upnp-org:control-1-0"><errorCode>{code}</errorCode>'
        f"<errorDescription>{_REASONS.get(code, 'Action Failed')}</errorDescription></UPnPError></detail></s:Fault>",
        500,
    )


def _envelope(body: str, status: int) -> web.Response:
    text = f'<s:Envelope xmlns:s="{_ENVELOPE}" s:encodingStyle="{_ENCODING}"><s:Body>{body}</s:Body></s:Envelope>'
    return web.Response(text=text, status=status, content_type="text/xml", charset="utf-8", headers={"EXT": ""})
