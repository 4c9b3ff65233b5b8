"""Whether a thing behind a broker is there, by the topics on which it (or its last will) says so. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from claw.errors import DeviceOffline
from claw.model.json import Json
from claw.protocols.mqtt_payload import encode, topic_of

MAX_SIGNS: Final = 8


@dataclass(frozen=True, slots=True)
class Sign:
    """A topic that says `offline` when the thing is gone; `path` leads into a JSON payload, dots between members."""

    topic: str
    offline: str = "offline"
    path: str = ""

    def says_offline(self, payload: Json) -> bool:
        """Whether this payload does."""
        for member in filter(None, self.path.split(".")):
            payload = payload.get(member) if isinstance(payload, Mapping) else None
        return payload is not None and encode(payload) == self.offline


def signs_of(term: Json) -> tuple[Sign, ...]:
    """The signs that a form's `mqtt:availability` names. Raises NotSupported for what is no topic."""
    rows = term[:MAX_SIGNS] if isinstance(term, list | tuple) else ()
    return tuple(
        Sign(topic_of(row.get("topic")), encode(row.get("offline", "offline")), str(row.get("path", "")))
        for row in rows
        if isinstance(row, Mapping)
    )


def be_online(signs: tuple[Sign, ...], payload_of: Callable[[str], Json]) -> None:
    """DeviceOffline when a sign says so. Silence is no sign: many things never speak there."""
    for sign in signs:
        if sign.says_offline(payload_of(sign.topic)):
            raise DeviceOffline("The device told the MQTT broker that it is offline. Check its power and network.")
