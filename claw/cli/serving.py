"""Running the daemon in the foreground: signals, the address file, the first words on the screen."""

from __future__ import annotations

import gc
import logging
import signal
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import anyio

from claw.app import House, live, open_house
from claw.cli.daemon import published
from claw.cli.running import run
from claw.errors import NotFound
from claw.model.principal import Principal, Role
from claw.settings import Settings

Greet = Callable[[House, str, str], Awaitable[None]]

LOCAL = "local"
OWNER = Principal("owner", "the owner", Role.OWNER, ("cli:local",))
PAIRING_SECONDS = 15 * 60


async def greet(_: House, url: str, code: str) -> None:
    """Say where it is and what to do next."""
    print(f"Claw is up at {url}  (pairing code {code}, good for 15 minutes and one use)")
    print("Try:  claw discover  ·  claw adopt NAME  ·  claw ask 'can you find new devices?'", flush=True)


def serve(settings: Settings, greeting: Greet = greet) -> int:
    """Run until SIGINT or SIGTERM."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    run(partial(_serve, settings, greeting))
    return 0


async def _serve(settings: Settings, greeting: Greet) -> None:
    async with anyio.create_task_group() as group:
        group.start_soon(_stop_on_signal, group.cancel_scope)
        async with open_house(settings) as house:
            token = await _local_token(house)
            async with live(house) as url:
                # what was imported so far lives as long as the process: the collector need not walk it again
                gc.freeze()
                gc.enable()
                with published(settings.data, url, token):
                    code = await house.store.pairing.create(PAIRING_SECONDS, role=Role.OWNER, principal=OWNER.id)
                    await greeting(house, url, code)
                    await anyio.sleep_forever()


async def _stop_on_signal(scope: anyio.CancelScope) -> None:
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async for _ in signals:
            print("\nClaw stops.", file=sys.stderr)
            scope.cancel()
            return


async def _local_token(house: House) -> str:
    """A new token for the command line on this machine; the last start's is worthless from now on."""
    if house.store.principals.get(OWNER.id) is None:
        await house.store.principals.save(OWNER)
    with suppress(NotFound):
        await house.store.tokens.revoke(LOCAL)
    return await house.store.tokens.create(LOCAL, Role.OWNER, OWNER.id)
