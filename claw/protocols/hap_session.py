"""One pairing's encrypted session: opened when needed, reads batched, events shared by all observers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import AsyncGenerator, Iterable, Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any, Final, TypeAlias

import anyio
from aiohomekit.exceptions import HttpErrorResponse
from aiohomekit.http import HttpContentTypes
from aiohomekit.http.response import HttpResponse
from aiohomekit.protocol.tlv import TLV

from claw.errors import DeviceError, DeviceGarbage, DeviceOffline, DeviceRefused
from claw.model.json import Json
from claw.protocols.binding import DEFAULT_TIMEOUT
from claw.protocols.feed import Feed
from claw.protocols.hap_batch import Coalesced
from claw.protocols.hap_link import SecureLink, translated
from claw.protocols.hap_status import error_of

Key: TypeAlias = tuple[int, int]  # accessory id, instance id
Answer: TypeAlias = Json | DeviceError

_IDS_PER_GET: Final = 100
_TIMED_WRITE_MS: Final = 3000


class Session:
    """All that is said to one accessory server. Raises DeviceErrors only."""

    def __init__(self, pairing: Mapping[str, str], host: str, port: int, timeout: float = DEFAULT_TIMEOUT) -> None:
        self.host, self.port = host, port
        self._pairing = pairing
        self._timeout = timeout
        self._link: SecureLink | None = None
        self._opening = anyio.Lock()
        self._tries = 0
        self._trouble: DeviceError | None = None  # of the last try
        self._feeds: dict[Key, list[Feed[tuple[Key, Json]]]] = defaultdict(list)
        self._get = Coalesced(self._get_many)
        self._subscribe = Coalesced(self._subscribe_many)
        self.requests = 0  # for the curious: what batching saves
        self._prepared = 0

    @property
    def where(self) -> str:
        """Host and port, for messages."""
        return f"{self.host}:{self.port}"

    async def read(self, keys: Iterable[Key]) -> dict[Key, Json]:
        """Values by key, in one request with whoever else reads now; raises the error of a key that has one."""
        keys = tuple(keys)
        return _values(keys, await self._get(keys))

    async def write(self, values: Mapping[Key, Json], *, timed: bool = False) -> Json:
        """Set values; the accessory's own answer ({} when it has nothing to say). Raises on a refused one."""
        body: dict[str, Json] = {
            "characteristics": [{"aid": aid, "iid": iid, "value": value} for (aid, iid), value in values.items()]
        }
        if timed:  # HAP 5.7.2.4: prepare and write must follow each other on one connection
            self._prepared += 1
            body["pid"] = self._prepared
            prepared = await self._json("PUT", "/prepare", {"ttl": _TIMED_WRITE_MS, "pid": self._prepared})
            if isinstance(prepared, dict) and (error := error_of(prepared.get("status"))):
                raise error
        # every HAP write states an absolute value, so writing it again after a lost connection changes nothing more
        answer = await self._json("PUT", "/characteristics", body)
        _values(tuple(values), _by_key(answer))
        return answer

    async def observe(self, keys: Iterable[Key]) -> AsyncGenerator[dict[Key, Json], None]:
        """The present values, then all of them again at each change. DeviceOffline ends it when the link is lost."""
        keys = tuple(keys)
        feed: Feed[tuple[Key, Json]] = Feed()
        for key in keys:
            self._feeds[key].append(feed)
        try:
            _values(keys, await self._subscribe(keys))
            values = await self.read(keys)
            yield dict(values)
            while True:
                key, value = await feed.next()
                values[key] = value
                yield dict(values)
        finally:
            for key in keys:
                self._feeds[key].remove(feed)

    async def accessories(self) -> Json:
        """The accessory database, as the accessory tells it."""
        return await self._json("GET", "/accessories")

    async def remove_pairing(self) -> None:
        """Make the accessory forget us."""
        request = [
            (TLV.kTLVType_State, TLV.M1),
            (TLV.kTLVType_Method, TLV.RemovePairing),
            (TLV.kTLVType_Identifier, self._pairing["iOSPairingId"].encode()),
        ]
        link = await self._open()
        with translated(self.where, link), anyio.fail_after(self._timeout):
            answer = dict(await link.post_tlv("/pairings", request))
        if TLV.kTLVType_Error in answer:
            raise DeviceRefused(f"The accessory at {self.where} did not remove the pairing. Reset it by hand.")

    def end(self, why: str = "") -> None:
        """Close; observers get DeviceOffline."""
        link, self._link = self._link, None
        if link is not None:
            link.end()
        self._fail(why)

    async def _open(self) -> SecureLink:
        tries = self._tries
        async with self._opening:
            if self._link is not None and self._link.is_connected:
                return self._link
            if self._tries != tries and self._trouble is not None:  # who went before us has just tried in vain
                raise type(self._trouble)(str(self._trouble)) from self._trouble
            self._tries += 1
            self._trouble = None
            link = SecureLink(self._pairing, self.host, self.port, on_event=self._event, on_lost=self._on_lost)
            try:
                with translated(self.where, link), anyio.fail_after(self._timeout):
                    await link.open()
            except DeviceError as error:
                self._trouble = error
                raise
            self._link = link
            return link

    async def _json(self, method: str, path: str, body: Json = None) -> Json:
        """One exchange, once more on a fresh link when the kept one turns out to be dead."""
        kept = self._link
        try:
            return await self._exchange(method, path, body)
        except DeviceOffline:
            if kept is None or self._link is kept:
                raise
            return await self._exchange(method, path, body)

    async def _exchange(self, method: str, path: str, body: Json) -> Json:
        link = await self._open()
        self.requests += 1
        content = json.dumps(body).encode() if body is not None else None
        headers: list[tuple[str, Any]] = []
        if content is not None:
            headers = [("Content-Length", len(content)), ("Content-Type", HttpContentTypes.JSON.value)]
        with translated(self.where, link), anyio.fail_after(self._timeout):
            try:
                response: HttpResponse = await link.request(method, path, headers, content)
            except HttpErrorResponse as refusal:
                response = refusal.response
            answer: Json = json.loads(response.body) if response.body else {}
        _raise_for(response, answer)
        return answer

    async def _get_many(self, keys: frozenset[Key]) -> dict[Key, Answer]:
        found: dict[Key, Answer] = {}
        ids = [f"{aid}.{iid}" for aid, iid in sorted(keys)]
        for start in range(0, len(ids), _IDS_PER_GET):
            chunk = ",".join(ids[start : start + _IDS_PER_GET])
            found |= _by_key(await self._json("GET", f"/characteristics?id={chunk}"))
        return found

    async def _subscribe_many(self, keys: frozenset[Key]) -> dict[Key, Answer]:
        found: dict[Key, Answer] = dict.fromkeys(keys)  # an accessory answers only what it refuses
        for _, group in groupby(sorted(keys), key=itemgetter(0)):  # one accessory at a time: bridges are tested so
            body: Json = {"characteristics": [{"aid": aid, "iid": iid, "ev": True} for aid, iid in group]}
            found |= _by_key(await self._json("PUT", "/characteristics", body))
        return found

    def _event(self, event: object) -> None:
        for key, value in _by_key(event).items():
            if not isinstance(value, DeviceError):
                for feed in self._feeds.get(key, ()):
                    feed.put((key, value))

    def _on_lost(self, link: SecureLink) -> None:
        if link is self._link:
            self._link = None
            self._fail()

    def _fail(self, why: str = "") -> None:
        error = DeviceOffline(why or f"The accessory at {self.where} closed the connection.")
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.fail(error)


def _by_key(answer: object) -> dict[Key, Answer]:
    """The `characteristics` of an answer or event; whatever is malformed in it is left out."""
    rows = answer.get("characteristics") if isinstance(answer, dict) else None
    found: dict[Key, Answer] = {}
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict) and isinstance(row.get("aid"), int) and isinstance(row.get("iid"), int):
            found[row["aid"], row["iid"]] = error_of(row.get("status")) or row.get("value")
    return found


def _values(keys: tuple[Key, ...], answers: Mapping[Key, Answer]) -> dict[Key, Json]:
    values: dict[Key, Json] = {}
    for key in keys:
        value = answers.get(key)
        if isinstance(value, DeviceError):
            raise type(value)(str(value))
        values[key] = value
    return values


def _raise_for(response: HttpResponse, answer: Json) -> None:
    """Refuse an answer that carries neither success nor per-value statuses (HAP 6.7.1.3)."""
    code: int = response.code  # type: ignore[assignment] # None only before the status line
    if 200 <= code < 300:  # noqa: PLR2004 - HTTP success; 207 carries a status for each value
        return
    if isinstance(answer, dict):
        if isinstance(answer.get("characteristics"), list):
            return
        if error := error_of(answer.get("status")):
            raise error
    if code >= 500:  # noqa: PLR2004 - HTTP server error
        raise DeviceGarbage(f"The accessory answered HTTP {code}. Restart it if this goes on.")
    raise DeviceRefused(f"The accessory refused with HTTP {code}.")
