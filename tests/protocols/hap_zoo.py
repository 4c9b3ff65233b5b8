"""The HAP-python bridge of hap_accessories.py as a process that a test talks to."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
from anyio.abc import Process
from anyio.streams.buffered import BufferedByteReceiveStream

from claw.model.form import Endpoint, Form, Target

SCRIPT = Path(__file__).with_name("hap_accessories.py")
CODE = "031-45-154"


class Vault(dict[str, str]):
    """Secrets in a dictionary."""

    async def get(self, ref: str) -> str | None:  # type: ignore[override]
        return dict.get(self, ref)

    async def put(self, ref: str, value: str) -> None:
        self[ref] = value


class Zoo:
    """What the bridge says, line by line, and what it is told."""

    def __init__(self, process: Process) -> None:
        assert process.stdout is not None
        assert process.stdin is not None
        self.process = process
        self._out = BufferedByteReceiveStream(process.stdout)
        self._in = process.stdin
        self.port = 0

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint("127.0.0.1", self.port, "hap", device_id="bridge")

    def target(self, href: str, **terms: Any) -> Target:
        return Target(self.endpoint, Form("readproperty", href, terms={f"hap:{k}": v for k, v in terms.items()}))

    async def line(self) -> dict[str, Any]:
        with anyio.fail_after(20):
            found: dict[str, Any] = json.loads(await self._out.receive_until(b"\n", 65536))
            return found

    async def expect(self, word: str) -> Any:
        while word not in (line := await self.line()):
            pass
        return line[word]

    async def tell(self, **order: Any) -> None:
        await self._in.send(json.dumps(order).encode() + b"\n")


@asynccontextmanager
async def zoo(folder: Path) -> AsyncIterator[Zoo]:
    async with await anyio.open_process([sys.executable, str(SCRIPT), str(folder / "state")], stderr=None) as process:
        try:
            made = Zoo(process)
            made.port = await made.expect("port")
            yield made
        finally:
            process.kill()


def layout(database: Any) -> dict[str, dict[str, str]]:
    """`{accessory: {characteristic description: href}}` of an accessory database."""
    found: dict[str, dict[str, str]] = {}
    for accessory in database["accessories"]:
        rows = [c for s in accessory["services"] for c in s["characteristics"]]
        name = next(c["value"] for c in rows if c["type"] == "23")
        found[name] = {c["type"]: f"{accessory['aid']}/{c['iid']}" for c in rows}
    return found
