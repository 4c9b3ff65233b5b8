"""Another process with a store: `python -m tests.store.child hold|write|fill URL`. Speaks in lines on stdout."""

from __future__ import annotations

import itertools
import os
import sys
from dataclasses import replace
from pathlib import Path

import anyio

from claw.errors import StoreError, StoreFull
from claw.model.context import Context
from claw.model.json import Json
from claw.store import Store
from tests.store import samples


def say(*words: object) -> None:
    print(*words, flush=True)  # noqa: T201 - the parent reads it


async def hold(url: str) -> None:
    """Open, and keep it until stdin closes."""
    async with await Store.open(url):
        say("open", os.getpid())
        await anyio.to_thread.run_sync(sys.stdin.read)


async def write(url: str) -> None:
    """Write for ever, and acknowledge what is written."""
    async with await Store.open(url) as store:
        run = os.getpid()
        for n in itertools.count():
            key = f"{run}-{n}"
            await store.things.save(replace(samples.LAMP, id=f"thing-{key}"))
            say("thing", f"thing-{key}")
            await store.secrets.put(f"ref-{key}", f"value of {key}")
            say("secret", f"ref-{key}")
            await store.changes.add(samples.effect(new=key), Context(f"text:{key}", f"context-{key}"), float(n))
            say("change", key)
            # padding, so that the log is moved into the file now and then
            document: dict[str, Json] = {"n": n, "padding": "x" * 3000}
            say("adapter", f"adapter-{run}", await store.adapters.save(f"adapter-{run}", document, "import"))


async def fill(url: str) -> None:
    """Write until the disk is full, make room as a person would, and go on."""
    ballast = Path(url.removeprefix("sqlite:///")).parent / "ballast"
    ballast.write_bytes(bytes(256 * 1024))
    async with await Store.open(url) as store:
        kept = 0
        try:
            while True:
                await store.things.save(replace(samples.LAMP, id=f"thing-{kept:06}", title="x" * 2000))
                kept += 1
        except StoreFull as error:
            say("full", kept == len(await store.things.all()) > 0, error)
        ballast.unlink()
        await store.things.save(replace(samples.LAMP, id="after"))
        say("again", kept + 1 == len(await store.things.all()))


if __name__ == "__main__":
    try:
        anyio.run({"hold": hold, "write": write, "fill": fill}[sys.argv[1]], sys.argv[2])
    except StoreError as error:
        say(type(error).__name__, error)
