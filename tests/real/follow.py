"""Prints a daemon's live stream, a message a line: `python follow.py DAEMON_JSON`."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path

import anyio
from websockets.asyncio.client import connect

say = partial(print, flush=True)


async def main(daemon: dict[str, str]) -> None:
    url = daemon["url"].replace("http", "ws", 1) + "/api/v1/stream"
    async with connect(url, additional_headers={"Authorization": f"Bearer {daemon['token']}"}) as stream:
        async for message in stream:
            say(message)


if __name__ == "__main__":
    anyio.run(main, json.loads(Path(sys.argv[1]).read_text()))
