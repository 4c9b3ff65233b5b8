"""Letting a thing go for good: with the last thing of a device, its pairing and its credentials end too."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from claw.devices.bindings import Bindings
from claw.devices.endpoint import endpoint, secret_ref
from claw.devices.registry import Registry
from claw.errors import ClawError, NotFound
from claw.model.context import Context
from claw.model.form import Endpoint

log = logging.getLogger(__name__)

Unpair = Callable[[Endpoint], Awaitable[None]]


class Keys(Protocol):
    """What this needs of the secret store."""

    async def delete(self, ref: str) -> None:
        """Forget a secret; an unknown one is no error."""
        ...


class Farewell:
    """Removes things. `unpair`: by binding, how to tell a device that we leave."""

    def __init__(self, registry: Registry, bindings: Bindings, keys: Keys, unpair: Mapping[str, Unpair]) -> None:
        self._registry = registry
        self._bindings = bindings
        self._keys = keys
        self._unpair = dict(unpair)

    async def forget(self, id_: str, context: Context) -> None:
        """Remove a thing. Raises NotFound. A device that cannot be told keeps its half of the pairing."""
        thing = self._registry.things.get(id_)
        if thing is None:
            raise NotFound(f"No thing has the id {id_!r}; 'claw things' lists them.")
        await self._registry.remove_thing(id_, context)
        device = self._registry.devices.get(thing.device_id)
        adapter = self._registry.adapters.get(thing.adapter_id)
        if device is None or adapter is None or self._registry.things_of(device.id):
            return
        where = endpoint(adapter, device)
        try:
            if adapter.binding in self._unpair:
                await self._unpair[adapter.binding](where)
            await self._bindings.wire(adapter.binding).forget(where)
        except ClawError as error:
            log.warning("%s could not be told that it was let go: %s", device.title, error)
        for ref in (secret_ref(adapter.binding, device.id), f"tls:{device.id}"):
            await self._keys.delete(ref)
