"""What every wire can do. Bindings move payloads; they know nothing of capabilities or codecs."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Protocol

from claw.model.form import Endpoint, Target
from claw.model.json import Json

MAX_ANSWER = 4 * 1024 * 1024  # bytes; more is AnswerTooLarge
DEFAULT_TIMEOUT = 5.0  # seconds for one exchange


class Secrets(Protocol):
    """Credentials by reference; the store implements it."""

    async def get(self, ref: str) -> str | None:
        """The secret, or None when nobody gave it yet."""
        ...

    async def put(self, ref: str, value: str) -> None:
        """Keep or replace a secret."""
        ...


class Binding(Protocol):
    """One wire protocol.

    Payloads are JSON values: a binding parses JSON and XML bodies and hands text over as a string.
    Every method raises only the DeviceError family; an acknowledgement is never taken for proof.
    """

    @property
    def name(self) -> str:
        """The word that adapter documents use (`http`, `upnp`, `hap`, `sonos`, `mqtt`, `kasa`, `rtsp`)."""
        ...

    async def read(self, target: Target) -> Json:
        """Fetch the payload that `target` points at."""
        ...

    async def write(self, target: Target, payload: Json) -> Json:
        """Send `payload`; the device's own answer comes back for the receipt."""
        ...

    async def invoke(self, target: Target, payload: Json) -> Json:
        """Run an action with `payload` as its input."""
        ...

    def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """Yield payloads as the device pushes them; raises NotSupported where the wire cannot push."""
        ...

    async def forget(self, endpoint: Endpoint) -> None:
        """Drop what is kept for this endpoint (sessions, subscriptions), after a move or a removal."""
        ...

    async def aclose(self) -> None:
        """Close everything."""
        ...
