"""Where an adapter's forms are sent: the device's address today, the adapter's port, the kept credential."""

from __future__ import annotations

from dataclasses import replace

from claw.adapters import match
from claw.adapters.adapter import Adapter
from claw.model.announcement import Announcement, Via
from claw.model.device import Device
from claw.model.form import Endpoint

PORTS = {"http": 80, "https": 443}


def secret_ref(binding: str, device_id: str) -> str:
    """Under which name the credential of a device is kept."""
    return f"{binding}:{device_id}"


def endpoint(adapter: Adapter, device: Device) -> Endpoint:
    """The endpoint of `device` for `adapter`: by the best matching announcement, else by what there is.

    A credential that nobody has given yet is left off by the wire, so an optional one is named all the same.
    """
    secret = secret_ref(adapter.binding, device.id) if adapter.credential is not None else ""
    found = match.candidates(device, (adapter,))
    if found:
        best = found[0]
        where = match.endpoint(adapter, device, best.announcement, best.rule, secret)
    else:
        where = match.endpoint(adapter, device, _unannounced(device), None, secret)
    if adapter.binding == "mqtt" and not secret:  # any broker may want a login, whatever its things say
        where = replace(where, auth="basic", secret=secret_ref("mqtt", device.id))
    return where if where.port else replace(where, port=PORTS.get(where.scheme, 0))


def _unannounced(device: Device) -> Announcement:
    """Its announcement is gone for now: the last host, and the port that anything else there names."""
    port = next((heard.port for heard in device.announcements if heard.port), 0)
    return Announcement(Via.CONFIGURED, "", device.title, device.hosts, port)
