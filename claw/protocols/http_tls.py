"""TLS on a LAN: devices sign their own certificates, so the first one seen is pinned and a changed one refused."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from functools import cache

import anyio
from aiohttp import Fingerprint

from claw.errors import DeviceGarbage, DeviceOffline
from claw.model.form import Endpoint
from claw.protocols.binding import Secrets


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the pin takes its place
    return context


class Pins:
    """The certificate that each device showed first, kept as `tls:<device_id>` in the secret store."""

    def __init__(self, secrets: Secrets, timeout: float) -> None:
        self._secrets = secrets
        self._timeout = timeout
        self._known: dict[str, Fingerprint] = {}
        self._lock = anyio.Lock()

    async def of(self, endpoint: Endpoint) -> Fingerprint | bool:
        """What aiohttp must insist on. Looks at the certificate once, before anything secret is sent."""
        if endpoint.scheme != "https":
            return True
        ref = self._ref(endpoint)
        if ref in self._known:
            return self._known[ref]
        async with self._lock:
            if ref not in self._known:
                kept = await self._secrets.get(ref) if endpoint.device_id else None
                if not kept:
                    kept = await self._look(endpoint)
                    if endpoint.device_id:
                        await self._secrets.put(ref, kept)
                # one object per device: aiohttp reuses connections by its identity
                self._known[ref] = Fingerprint(bytes.fromhex(kept))
            return self._known[ref]

    def forget(self, endpoint: Endpoint) -> None:
        """Read the pin from the store again next time."""
        self._known.pop(self._ref(endpoint), None)

    @staticmethod
    def _ref(endpoint: Endpoint) -> str:
        return f"tls:{endpoint.device_id or f'{endpoint.host}:{endpoint.port}'}"

    async def _look(self, endpoint: Endpoint) -> str:
        try:
            with anyio.fail_after(self._timeout):
                _, writer = await asyncio.open_connection(endpoint.host, endpoint.port, ssl=_context())
        except ssl.SSLError as error:
            raise DeviceGarbage(f"{endpoint.host}:{endpoint.port} does not speak TLS: {error.reason}.") from error
        except OSError as error:  # TimeoutError is one
            raise DeviceOffline(f"{endpoint.host}:{endpoint.port} cannot be reached. Is it switched on?") from error
        try:
            shown: ssl.SSLObject = writer.get_extra_info("ssl_object")
            certificate = shown.getpeercert(binary_form=True)
        finally:
            writer.transport.abort()
        if not certificate:
            raise DeviceGarbage(f"{endpoint.host}:{endpoint.port} shows no certificate.")
        return hashlib.sha256(certificate).hexdigest()
