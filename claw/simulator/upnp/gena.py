"""GENA event subscriptions (UPnP Device Architecture 1.1, 4): SUBSCRIBE, renewals, and NOTIFY in order."""

from __future__ import annotations

import ipaddress
import logging
import re
import uuid
from collections.abc import Mapping
from xml.sax.saxutils import escape

import aiohttp
import anyio
from aiohttp import web
from anyio.abc import TaskGroup
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from yarl import URL

log = logging.getLogger(__name__)

_BUFFER = 64
_TIMEOUT = 1800
_NOTIFY_TIMEOUT = aiohttp.ClientTimeout(total=3)


class Publisher:
    """The subscribers of one service."""

    def __init__(self, tasks: TaskGroup) -> None:
        self._tasks = tasks
        self._subscribers: dict[str, MemoryObjectSendStream[str]] = {}

    def publish(self, values: Mapping[str, str]) -> None:
        """Send changed state variables to everyone."""
        if not self._subscribers:
            return
        body = _property_set(values)
        for sid, stream in list(self._subscribers.items()):
            try:
                stream.send_nowait(body)
            except (anyio.WouldBlock, anyio.BrokenResourceError):
                self._drop(sid)

    async def subscribe(self, request: web.Request, initial: Mapping[str, str]) -> web.Response:
        """SUBSCRIBE, anew or as a renewal; a new one is sent `initial` first."""
        timeout = _seconds(request.headers.get("TIMEOUT", ""))
        sid = request.headers.get("SID", "")
        if not sid:
            callback = _callback(request.headers.get("CALLBACK", ""))
            if callback is None or request.headers.get("NT") != "upnp:event":
                return web.Response(status=412)
            sid = f"uuid:{uuid.uuid4()}"
            send, receive = anyio.create_memory_object_stream[str](_BUFFER)
            self._subscribers[sid] = send
            send.send_nowait(_property_set(initial))
            self._tasks.start_soon(self._deliver, sid, callback, receive)
        elif sid not in self._subscribers:
            return web.Response(status=412)
        return web.Response(headers={"SID": sid, "TIMEOUT": f"Second-{timeout}"})

    async def unsubscribe(self, request: web.Request) -> web.Response:
        """UNSUBSCRIBE."""
        known = request.headers.get("SID", "") in self._subscribers
        self._drop(request.headers.get("SID", ""))
        return web.Response(status=200 if known else 412)

    def close(self) -> None:
        """Forget every subscriber, as a reboot does."""
        for sid in list(self._subscribers):
            self._drop(sid)

    def _drop(self, sid: str) -> None:
        if stream := self._subscribers.pop(sid, None):
            stream.close()

    async def _deliver(self, sid: str, callback: URL, messages: MemoryObjectReceiveStream[str]) -> None:
        async with aiohttp.ClientSession(timeout=_NOTIFY_TIMEOUT) as session, messages:
            number = 0
            async for body in messages:
                headers = {"NT": "upnp:event", "NTS": "upnp:propchange", "SID": sid, "SEQ": str(number)}
                headers["CONTENT-TYPE"] = 'text/xml; charset="utf-8"'
                try:
                    async with session.request("NOTIFY", callback, data=body.encode(), headers=headers):
                        number += 1
                except (aiohttp.ClientError, TimeoutError) as error:
                    log.debug("Subscriber %s is gone: %s", callback, error)
                    self._drop(sid)
                    return


def last_change(namespace: str, values: Mapping[str, str | Mapping[str, str]]) -> dict[str, str]:
    """The LastChange variable of AVTransport and RenderingControl; mappings are values by channel."""
    inner = ""
    for name, value in values.items():
        if isinstance(value, str):
            inner += f"<{name} val={_attribute(value)}/>"
        else:
            inner += "".join(f"<{name} channel={_attribute(c)} val={_attribute(v)}/>" for c, v in value.items())
    return {"LastChange": f'<Event xmlns="{namespace}"><InstanceID val="0">{inner}</InstanceID></Event>'}


def _attribute(value: str) -> str:
    return '"' + escape(value, {'"': "&quot;"}) + '"'


def _property_set(values: Mapping[str, str]) -> str:
    inner = "".join(f"<e:property><{name}>{escape(value)}</{name}></e:property>" for name, value in values.items())
    return f'<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">{inner}</e:propertyset>'


def _callback(header: str) -> URL | None:
    """The first delivery URL; only loopback is ever notified."""
    found = re.match(r"<(http://[^>]+)>", header)
    url = URL(found[1]) if found else URL()
    try:
        return url if url.host and ipaddress.ip_address(url.host).is_loopback else None
    except ValueError:
        return None


def _seconds(header: str) -> int:
    found = re.fullmatch(r"(?i)second-(\d{1,6})", header.strip())
    return min(_TIMEOUT, max(60, int(found[1]))) if found else _TIMEOUT
