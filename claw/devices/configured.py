"""Devices that a person named in the settings rather than waiting for them to announce themselves."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit, urlunsplit

from claw.devices.endpoint import secret_ref
from claw.devices.registry import Registry
from claw.devices.targets import locate
from claw.errors import SettingsError
from claw.model.context import Context
from claw.model.device import Device
from claw.protocols.binding import Secrets


async def broker(registry: Registry, secrets: Secrets, url: str, context: Context) -> Device:
    """Meet the MQTT broker at `mqtt://[user:password@]host[:port]`; a login goes to the secret store.

    Raises SettingsError when the URL makes no sense, DeviceOffline for a host name that nobody knows.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise SettingsError(f"CLAW_MQTT has no sensible port ({error}).") from error
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname:
        raise SettingsError("CLAW_MQTT must look like mqtt://user:password@host:1883; user and port may be left out.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    bare = urlunsplit((parts.scheme, f"{host}:{port}" if port else host, "", "", ""))
    device = await locate(registry, bare, context)
    if parts.username:
        login = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        await secrets.put(secret_ref("mqtt", device.id), login)
    return device
