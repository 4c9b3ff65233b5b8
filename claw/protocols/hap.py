"""HomeKit accessories over IP, by aiohomekit's protocol code.

The address comes with each call (discovery found it), so no second mDNS browser runs here: a session moves when its
endpoint does, and pair-verify proves that the accessory at the new address is ours. `href` is `aid/iid`, or
`aid/iid,iid` with the term `hap:fields` naming each part of an object; `hap:timed` asks for a timed write.
`hap:service` and `hap:characteristic` are for people. Values are handed over raw (a boolean may be 0 or 1).
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Final

from claw.errors import CredentialMissing, CredentialWrong, DeviceGarbage, DeviceOffline, NotSupported
from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json
from claw.protocols.binding import DEFAULT_TIMEOUT, Secrets

if TYPE_CHECKING:
    from claw.protocols.hap_session import Key, Session

_HREF: Final = re.compile(r"([0-9]{1,20})/([0-9]{1,20}(?:,[0-9]{1,20}){0,15})")
_KEYS: Final = ("AccessoryPairingID", "AccessoryLTPK", "iOSPairingId", "iOSDeviceLTSK", "iOSDeviceLTPK")


class Hap:
    """The `hap` binding. One session per pairing, opened on first use and kept."""

    name = "hap"

    def __init__(self, secrets: Secrets, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        self._secrets = secrets
        self._timeout = timeout
        self._sessions: dict[str, Session] = {}

    async def pair(self, endpoint: Endpoint, code: str, *, mfi: bool = False) -> str:
        """Pair by set-up code and keep the keys; the accessory's HAP id. Nothing happens when our pairing works."""
        from claw.protocols.hap_pairing import pair_setup  # noqa: PLC0415 - aiohomekit costs 130 ms of start-up

        with suppress(CredentialMissing):  # none kept, or the accessory was reset since
            await self.accessories(endpoint)
            return (await self._pairing(endpoint))["AccessoryPairingID"]
        pairing = await pair_setup(endpoint.host, endpoint.port, code, mfi=mfi)
        await self.forget(endpoint)
        await self._secrets.put(_ref(endpoint), json.dumps({key: pairing[key] for key in _KEYS}))
        return pairing["AccessoryPairingID"]

    async def unpair(self, endpoint: Endpoint) -> None:
        """Make the accessory and the secret store forget each other."""
        session = await self._session(endpoint)
        await session.remove_pairing()
        await self.forget(endpoint)
        await self._secrets.put(_ref(endpoint), "")

    async def accessories(self, endpoint: Endpoint) -> Json:
        """The accessory database: evidence for the compiler."""
        return await (await self._session(endpoint)).accessories()

    async def read(self, target: Target) -> Json:
        """A characteristic's value, or an object of several; concurrent reads share one request."""
        keys, fields = _address(target.form)
        session = await self._session(target.endpoint)
        return _join(fields, await session.read(keys))

    async def write(self, target: Target, payload: Json) -> Json:
        """Set one characteristic, or each field of an object."""
        keys, fields = _address(target.form)
        if not fields:
            values = {keys[0]: payload}
        elif isinstance(payload, Mapping) and all(field in payload for field in fields):
            values = {key: payload[field] for key, field in zip(keys, fields, strict=True)}
        else:
            raise NotSupported(f"This value needs the fields {', '.join(fields)}.")
        session = await self._session(target.endpoint)
        return await session.write(values, timed=target.form.terms.get("hap:timed") is True)

    async def invoke(self, target: Target, payload: Json) -> Json:
        """HAP has no actions of its own; an action of ours writes its body."""
        return await self.write(target, payload)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """The present value, then each change. DeviceOffline ends it when the connection is lost: observe again."""
        keys, fields = _address(target.form)
        session = await self._session(target.endpoint)
        async with aclosing(session.observe(keys)) as changes:
            async for values in changes:
                yield _join(fields, values)

    async def forget(self, endpoint: Endpoint) -> None:
        """Close the session; the pairing stays."""
        session = self._sessions.pop(_ref(endpoint), None)
        if session is not None:
            session.end("The accessory was removed.")

    async def aclose(self) -> None:
        """Close every session."""
        while self._sessions:
            self._sessions.popitem()[1].end("Claw is stopping.")

    async def _session(self, endpoint: Endpoint) -> Session:
        ref = _ref(endpoint)
        session = self._sessions.get(ref)
        if session is None:
            from claw.protocols.hap_session import Session  # noqa: PLC0415 - aiohomekit costs 130 ms of start-up

            pairing = await self._pairing(endpoint)
            # another caller may have been faster while the secret was fetched
            session = self._sessions.setdefault(
                ref, Session(pairing, endpoint.host, endpoint.port, timeout=self._timeout)
            )
        if (session.host, session.port) != (endpoint.host, endpoint.port):
            session.end("The accessory moved to a new address.")
            session.host, session.port = endpoint.host, endpoint.port
        if not endpoint.host:
            raise DeviceOffline("This accessory has no address yet. Wait until it announces itself.")
        return session

    async def _pairing(self, endpoint: Endpoint) -> dict[str, str]:
        kept = await self._secrets.get(_ref(endpoint))
        if not kept:
            raise CredentialMissing("This accessory is not paired yet. Give its eight-digit set-up code.")
        try:
            pairing = json.loads(kept)
            return {key: str(pairing[key]) for key in _KEYS}
        except (ValueError, LookupError, TypeError) as error:
            raise CredentialWrong("The kept pairing is damaged. Reset the accessory and pair again.") from error


def _ref(endpoint: Endpoint) -> str:
    return endpoint.secret or f"hap:{endpoint.device_id or f'{endpoint.host}:{endpoint.port}'}"


def _address(form: Form) -> tuple[tuple[Key, ...], tuple[str, ...]]:
    """The characteristics of a form, and the field that each one fills (none for a plain value)."""
    matched = _HREF.fullmatch(form.href.removeprefix("/"))
    if matched is None:
        raise NotSupported(f"{form.href!r} is not a HAP address (aid/iid). Adopt the accessory again.")
    keys = tuple((int(matched[1]), int(iid)) for iid in matched[2].split(","))
    named = form.terms.get("hap:fields")
    fields = tuple(str(field) for field in named) if isinstance(named, list | tuple) else ()
    if len(fields) != (len(keys) if len(keys) > 1 or fields else 0):
        raise NotSupported(f"{form.href!r} needs one hap:fields name for each part. Adopt the accessory again.")
    return keys, fields


def _join(fields: tuple[str, ...], values: Mapping[Key, Json]) -> Json:
    found = list(values.values())
    if any(value is None for value in found):
        raise DeviceGarbage("The accessory answered without a value. Try again.")
    return dict(zip(fields, found, strict=True)) if fields else found[0]
