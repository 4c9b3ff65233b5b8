"""The UPnP description that an SSDP announcement points at: names, numbers and services, fetched with care.

Only from the machine that announced it, only by GET, no redirects, bounded in size and time (UPnP DA 1.1 clause 2.3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element, ParseError

import anyio

from claw.devices.discovery import bounds
from claw.errors import AnswerTooLarge, DeviceGarbage, DeviceOffline, DeviceRefused, DeviceTimeout, RedirectRefused

if TYPE_CHECKING:
    import aiohttp

MAX_DESCRIPTION = 256 * 1024  # bytes
TIMEOUT = 5.0  # seconds
MAX_SERVICES = 64
_OK = 200
_REDIRECTS = range(300, 400)
_HARMFUL = re.compile(
    r"(?<![a-z])(?:reset|reboot|restart|shutdown|poweroff|update|upgrade|delete|remove|erase|format|provision|factory|flash)"
    r"(?![a-z])",
    re.IGNORECASE,
)
_ILLEGAL = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")  # XML 1.0 clause 2.2


@dataclass(frozen=True, slots=True)
class Service:
    """One UPnP service; URLs are absolute, on the device itself, and empty where it gives none."""

    type: str
    id: str
    scpd_url: str
    control_url: str
    event_url: str


@dataclass(frozen=True, slots=True)
class Description:
    """What a root device says of itself; `device_types` includes the embedded devices'."""

    device_type: str
    friendly_name: str
    manufacturer: str
    model_name: str
    model_number: str
    serial_number: str
    udn: str
    presentation_url: str
    device_types: tuple[str, ...]
    services: tuple[Service, ...]

    @property
    def fields(self) -> dict[str, str]:
        """The part that goes into an announcement."""
        told = {
            "devicetype": self.device_type,
            "friendlyname": self.friendly_name,
            "manufacturer": self.manufacturer,
            "modelname": self.model_name,
            "modelnumber": self.model_number,
            "serialnumber": self.serial_number,
            "udn": self.udn,
            "presentationurl": self.presentation_url,
        }
        return {key: value for key, value in told.items() if value}


async def describe(location: str, source: str, session: aiohttp.ClientSession) -> Description:
    """Fetch and read the description at `location`, which must be on `source`. Raises the DeviceError family."""
    url = bounds.url_of_host(location, source)
    if url is None:
        raise RedirectRefused(f"{source} points at {location[:80]!r} for its description; only its own is read.")
    parts = urlsplit(url)
    if _HARMFUL.search(f"{parts.path}?{parts.query}"):
        raise DeviceRefused(
            f"{source} gives {location[:80]!r} as its description; that could do harm, so it is not read."
        )
    return parse(await _get(url, session), url, source)


async def _get(url: str, session: aiohttp.ClientSession) -> bytes:
    import aiohttp  # noqa: PLC0415 - 200 ms that a start without discovery need not pay

    try:
        with anyio.fail_after(TIMEOUT):
            headers = {"Accept-Encoding": "identity"}  # nothing to unpack, nothing to explode
            async with session.get(url, allow_redirects=False, headers=headers) as answer:
                if answer.status in _REDIRECTS:
                    raise RedirectRefused(f"{url} redirects elsewhere; descriptions are read from the device alone.")
                if answer.status != _OK or answer.headers.get("Content-Encoding", "identity") != "identity":
                    raise DeviceRefused(f"{url} answered {answer.status}; the device goes without its description.")
                body = bytearray()
                async for chunk in answer.content.iter_chunked(16 * 1024):
                    body += chunk
                    if len(body) > MAX_DESCRIPTION:
                        raise AnswerTooLarge(f"{url} is longer than {MAX_DESCRIPTION} bytes; it is not read.")
                return bytes(body)
    except TimeoutError as error:
        raise DeviceTimeout(f"{url} did not answer within {TIMEOUT:.0f} s.") from error
    except aiohttp.ClientConnectorError as error:
        raise DeviceOffline(f"{url} cannot be reached; check that the device is on.") from error
    except (aiohttp.ClientError, ValueError, OSError) as error:
        raise DeviceGarbage(f"{url} does not speak HTTP as it should: {bounds.text(str(error), 80)}") from error


def parse(body: bytes, url: str, source: str) -> Description:
    """Read a description leniently; URLs that lead off the device are dropped. Raises DeviceGarbage."""
    root = _tree(body, url)
    devices = [element for element in root.iter() if _tag(element) == "device"][:MAX_SERVICES]
    if not devices:
        raise DeviceGarbage(f"{url} is no UPnP description: it names no device.")
    base = _text(root, "urlbase") or url
    base = bounds.url_of_host(base, source) or url
    top = _children(devices[0])
    return Description(
        device_type=top.get("devicetype", ""),
        friendly_name=top.get("friendlyname", ""),
        manufacturer=top.get("manufacturer", ""),
        model_name=top.get("modelname", ""),
        model_number=top.get("modelnumber", ""),
        serial_number=top.get("serialnumber", ""),
        udn=top.get("udn", ""),
        presentation_url=_absolute(base, top.get("presentationurl", ""), source),
        device_types=tuple(filter(None, (_text(device, "devicetype") for device in devices))),
        services=tuple(_services(root, base, source)),
    )


def _tree(body: bytes, url: str) -> Element:
    from defusedxml.common import DefusedXmlException  # noqa: PLC0415 - only needed once a device answers
    from defusedxml.ElementTree import fromstring  # noqa: PLC0415

    try:
        try:
            return fromstring(body, forbid_dtd=True)
        except DefusedXmlException:
            raise
        except (
            ParseError,
            LookupError,
            ValueError,
        ):  # a wrong encoding declaration, control characters, or blank lines before the prologue
            text = body.decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
            text = re.sub(r"^<\?xml[^>]*\?>", "", text)
            return fromstring(_ILLEGAL.sub("", text), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DeviceGarbage(f"{url} is not XML that can be read: {bounds.text(str(error), 80)}") from error


def _services(root: Element, base: str, source: str) -> Iterator[Service]:
    elements = [element for element in root.iter() if _tag(element) == "service"]
    for child in map(_children, elements[:MAX_SERVICES]):
        yield Service(
            type=child.get("servicetype", ""),
            id=child.get("serviceid", ""),
            scpd_url=_absolute(base, child.get("scpdurl", ""), source),
            control_url=_absolute(base, child.get("controlurl", ""), source),
            event_url=_absolute(base, child.get("eventsuburl", ""), source),
        )


def _absolute(base: str, raw: str, source: str) -> str:
    if not raw:
        return ""
    try:
        return bounds.url_of_host(urljoin(base, raw), source) or ""
    except ValueError:
        return ""


def _tag(element: Element) -> str:
    return element.tag.rsplit("}", 1)[-1].lower()


def _children(element: Element) -> Mapping[str, str]:
    return bounds.fields((_tag(child), child.text) for child in element)


def _text(element: Element, tag: str) -> str:
    return next((bounds.text(child.text or "", bounds.MAX_VALUE) for child in element if _tag(child) == tag), "")
