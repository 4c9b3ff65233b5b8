"""UPnP device descriptions (UPnP Device Architecture 1.1, 2.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from aiohttp import web

_XMLNS = "urn:schemas-upnp-org:device-1-0"


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """One line of a service list."""

    type: str
    id: str
    control: str
    event: str
    scpd: str


@dataclass(frozen=True, slots=True)
class Description:
    """A device: its type, UDN, elements in order, services, and embedded devices."""

    type: str
    udn: str
    fields: Mapping[str, str]
    services: Sequence[ServiceEntry] = ()
    devices: Sequence[Description] = ()
    base: str = ""
    extra: Mapping[str, str] = field(default_factory=dict)

    def response(self) -> web.Response:
        """The document, as HTTP serves it."""
        base = f"<URLBase>{escape(self.base)}</URLBase>" if self.base else ""
        text = (
            f'<?xml version="1.0" encoding="utf-8"?><root xmlns="{_XMLNS}">'
            f"<specVersion><major>1</major><minor>0</minor></specVersion>{base}{self._device()}</root>"
        )
        return web.Response(text=text, content_type="text/xml", charset="utf-8")

    def _device(self) -> str:
        head = {"deviceType": self.type, **self.fields, "UDN": self.udn, **self.extra}
        services = "".join(
            f"<service><serviceType>{entry.type}</serviceType><serviceId>{entry.id}</serviceId>"
            f"<controlURL>{entry.control}</controlURL><eventSubURL>{entry.event}</eventSubURL>"
            f"<SCPDURL>{entry.scpd}</SCPDURL></service>"
            for entry in self.services
        )
        devices = "".join(device._device() for device in self.devices)  # noqa: SLF001 - its own kind
        return (
            "<device>"
            + "".join(f"<{name}>{escape(value)}</{name}>" for name, value in head.items())
            + f"<serviceList>{services}</serviceList>"
            + (f"<deviceList>{devices}</deviceList>" if devices else "")
            + "</device>"
        )
