"""Looking for devices because somebody asked: what is there, what is driven of it, and what using it would take."""

from __future__ import annotations

from collections.abc import Sequence

from claw.adapters import match
from claw.adapters.adapter import Credential
from claw.devices.discovery.kinds import distractor
from claw.devices.discovery.service import Discovery
from claw.devices.registry import Registry
from claw.model.announcement import Via
from claw.model.device import Device
from claw.model.found import Found


class Finder:
    """Discovery and registry together."""

    def __init__(self, registry: Registry, discovery: Discovery) -> None:
        self._registry = registry
        self._discovery = discovery

    async def look(self, seconds: float, sweep: bool = False) -> None:  # noqa: FBT001, FBT002 - a switch of the API
        """Ask the network now. Raises Forbidden when there is no subnet of our own to sweep."""
        if sweep:
            await self._discovery.sweep()
        await self._discovery.search(seconds)

    async def search(self, seconds: float) -> Sequence[Found]:
        """Look, then give everything that is known to be on the network."""
        await self.look(seconds)
        return [
            Found(device, tuple(self._registry.things_of(device.id)), self.needs(device))
            for device in self._registry.devices.values()
            if device.online and not device.ignored
        ]

    def needs(self, device: Device) -> str:
        """What a person must give before this device can be used; empty when it is in use."""
        if self._registry.things_of(device.id):
            return ""
        if what := distractor(device.announcements):
            return f"nothing; it is a {what}, which I only name"
        adopt = f"'claw adopt {device.id} --yes'"
        for candidate in match.candidates(device, self._registry.adapters.values()):
            return _of_adapter(candidate.adapter.credential, adopt)
        kinds = {announcement.kind for announcement in device.announcements}
        if kinds & {"_hap._tcp", "_hap._udp"}:
            return f"the set-up code that is printed on it: {adopt} --code CODE"
        if any(a.via is Via.SSDP and a.location for a in device.announcements):
            return f"your yes; it describes itself: {adopt}"
        return "an adapter; nothing that I know drives it yet"


def _of_adapter(credential: Credential | None, adopt: str) -> str:
    if credential is None or not credential.ask:
        return f"your yes: {adopt}"
    if credential.optional:
        return f"your yes: {adopt}, with --secret if it has a password"
    return f"{credential.ask} Then {adopt}"
