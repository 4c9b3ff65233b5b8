"""What a self-describing device tells about itself, gathered for the compilers that turn it into adapters."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from claw.devices.discovery import bounds
from claw.devices.discovery.kinds import HAP
from claw.devices.endpoint import secret_ref
from claw.errors import CredentialMissing, CredentialWrong, DeviceGarbage, DeviceRefused, RedirectRefused
from claw.model.announcement import Announcement, Via
from claw.model.device import Device
from claw.model.form import Endpoint
from claw.model.json import Json, JsonObject
from claw.protocols.binding import Secrets
from claw.protocols.http import Http
from claw.protocols.http_wire import Request

UNPAIRED = 0x01  # the status flag of an accessory that anyone may pair (HAP, table 6-8)
BROKERS = ("_mqtt._tcp", "mqtt")
BROKER_SECONDS = 2.0
OK = 200


@dataclass(frozen=True, slots=True)
class Given:
    """What a person gave for an adoption: a set-up code, a key or password, and their yes to experiments."""

    consent: bool = False
    code: str = ""
    secret: str = ""


class Gatherer(Protocol):
    """Gathers evidence over one wire."""

    wire: str
    name: str

    def hears(self, device: Device) -> Announcement | None:
        """The announcement that promises a description, or None."""
        ...

    async def gather(self, device: Device, heard: Announcement, given: Given) -> Json:
        """The evidence. Raises CredentialMissing with what a person must do, or the DeviceError family."""
        ...


class Paired(Protocol):
    """What gathering asks of the `hap` binding."""

    async def pair(self, endpoint: Endpoint, code: str) -> str:
        """Pair by set-up code."""
        ...

    async def accessories(self, endpoint: Endpoint) -> Json:
        """The accessory database."""
        ...


class Broadcast(Protocol):
    """What gathering asks of the `mqtt` binding."""

    async def discover(self, endpoint: Endpoint, seconds: float) -> JsonObject:
        """What things announced at the broker."""
        ...


class HapEvidence:
    """The accessory database of a HomeKit accessory, after pairing."""

    wire = "hap"
    name = "HomeKit"

    def __init__(self, hap: Paired) -> None:
        self._hap = hap

    def hears(self, device: Device) -> Announcement | None:
        """Its `_hap._tcp` service."""
        return next((heard for heard in device.announcements if heard.kind in HAP), None)

    async def gather(self, device: Device, heard: Announcement, given: Given) -> Json:
        """`{"accessories", "id", "name"}`."""
        host = (heard.hosts or device.hosts or ("",))[0]
        endpoint = Endpoint(host, heard.port, "hap", device.id, secret=secret_ref("hap", device.id))
        if given.code:
            await self._hap.pair(endpoint, given.code)
        try:
            database = await self._hap.accessories(endpoint)
        except CredentialMissing as error:
            raise CredentialMissing(_how_to_pair(device, heard)) from error
        known = database if isinstance(database, dict) else {}
        return {**known, "id": heard.fields.get("id", ""), "name": heard.name}


def _how_to_pair(device: Device, heard: Announcement) -> str:
    flags = heard.fields.get("sf", "")
    if flags.isdecimal() and not int(flags) & UNPAIRED:
        return (
            f"{device.title} is already paired with another controller. Remove it there, then give me the "
            "eight-digit set-up code that is printed on it."
        )
    return f"Give me the eight-digit set-up code that is printed on {device.title} (like 123-45-678)."


class MqttEvidence:
    """What things have announced at a broker, in Home Assistant's discovery topics."""

    wire = "mqtt"
    name = "MQTT discovery"

    def __init__(self, mqtt: Broadcast, secrets: Secrets) -> None:
        self._mqtt = mqtt
        self._secrets = secrets

    def hears(self, device: Device) -> Announcement | None:
        """The broker's service."""
        return next((heard for heard in device.announcements if heard.kind in BROKERS), None)

    async def gather(self, device: Device, heard: Announcement, given: Given) -> Json:
        """`{"configs": {topic: config}}`."""
        ref = secret_ref("mqtt", device.id)
        before = await self._secrets.get(ref)
        if given.secret:
            await self._secrets.put(ref, given.secret)
        host = (heard.hosts or device.hosts or ("",))[0]
        endpoint = Endpoint(host, heard.port, "mqtt", device.id, auth="basic", secret=ref)
        try:
            return await self._mqtt.discover(endpoint, BROKER_SECONDS)
        except CredentialWrong as error:
            if given.secret:
                await self._secrets.put(ref, before or "")  # what was given opens nothing
            raise CredentialMissing(
                f"{device.title} does not accept that login; give the right one as user:password."
            ) from error
        except CredentialMissing as error:
            raise CredentialMissing(f"{device.title} wants a login; give it as user:password.") from error


class UpnpEvidence:
    """A UPnP device's description and those of its services."""

    wire = "upnp"
    name = "UPnP"

    def __init__(self, web: Http) -> None:
        self._web = web

    def hears(self, device: Device) -> Announcement | None:
        """The SSDP announcement that points at a description."""
        found = [heard for heard in device.announcements if heard.via is Via.SSDP and heard.location]
        return next((heard for heard in found if heard.kind == "upnp:rootdevice"), next(iter(found), None))

    async def gather(self, device: Device, heard: Announcement, given: Given) -> Json:  # noqa: ARG002 - nothing to give
        """`{"description", "services": {type: {"control", "event", "scpd"}}}`."""
        from claw.adapters.upnp_description import parse_description, parse_scpd  # noqa: PLC0415 - XML, when needed

        host = (heard.hosts or device.hosts or ("",))[0]
        location = bounds.url_of_host(heard.location or "", host)
        if location is None:
            raise RedirectRefused(f"{device.title} points at another machine for its description; it is not read.")
        parts = urlsplit(location)
        endpoint = Endpoint(parts.hostname or host, parts.port or 80, parts.scheme, device.id)
        about = parse_description(
            await self._get(endpoint, f"{parts.path or '/'}?{parts.query}".rstrip("?")), location
        )
        services: dict[str, Json] = {}
        for row in about["services"]:
            if row["scpd"] and row["type"] not in services:
                with suppress(DeviceRefused, DeviceGarbage):  # one service without a description leaves the others
                    services[row["type"]] = {**row, "scpd": parse_scpd(await self._get(endpoint, row["scpd"]))}
        return {"description": about, "services": services}

    async def _get(self, endpoint: Endpoint, path: str) -> bytes:
        answer = await self._web.wire.send(Request(endpoint, "GET", path))
        if answer.status != OK:
            raise DeviceRefused(f"{endpoint.host} answers {answer.status} for {path[:80]}.")
        return answer.content
