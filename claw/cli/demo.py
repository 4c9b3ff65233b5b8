"""`claw demo`: a simulated house on this machine's loopback, with the real daemon living in it."""

from __future__ import annotations

import argparse
import gc
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio

from claw import settings
from claw.cli.daemon import add_data
from claw.errors import ClawError, SettingsError
from claw.model.context import Context
from claw.model.device import Device
from claw.model.events import DeviceFound
from claw.model.thing import Area, Thing

if TYPE_CHECKING:
    from claw.app import House

AREAS = ("Kitchen", "Living room", "Bedroom", "Hall", "Office", "Garden", "Pool", "Street", "Driveway")
FIND_SECONDS = 20.0
LOOPBACK = "127.0.0.1"


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--port", type=int, metavar="N", help="port to listen on, 0 for any (default: 8400)")


def run(options: argparse.Namespace) -> int:
    """Start the house, then the daemon in it."""
    folder = Path(options.data).expanduser() if options.data else settings.demo_dir()
    _forget(folder)
    gc.disable()  # as in `claw up`
    from claw.cli.serving import serve  # noqa: PLC0415 - loaded only when the daemon really runs

    with _simulated() as world:
        loaded = settings.load(data=str(folder), port=options.port, interfaces=(LOOPBACK,))

        async def greeting(house: House, url: str, code: str) -> None:
            _greet(url, code)
            await _settle(house, world["devices"])

        return serve(loaded, greeting)


def _forget(folder: Path) -> None:
    """A demo starts afresh; only a folder that a demo made is ever emptied."""
    mark = folder / "demo"
    if folder.is_dir() and any(folder.iterdir()) and not mark.exists():
        raise SettingsError(f"{folder} is not a demo's folder; give an empty one with --data.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    mark.touch()


@contextmanager
def _simulated() -> Iterator[Mapping[str, Any]]:
    words = [sys.executable, "-m", "claw.simulator", "--json", "--held"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:  # noqa: S603
        try:
            line = child.stdout.readline() if child.stdout else ""
            if not line:
                reason = (child.stderr.read() if child.stderr else "").strip().splitlines()
                raise ClawError(f"The simulated house did not start: {reason[-1] if reason else 'no reason given'}")
            yield json.loads(line)
        finally:
            child.terminate()


def _greet(url: str, code: str) -> None:
    claw = "claw" if shutil.which("claw") else sys.argv[0]
    print(f"A simulated house, with Claw in it, is up at {url}")
    print(f"Pairing code for a browser or phone: {code} (one use, 15 minutes)\n")
    print("In another terminal, try:")
    for words in ('ask "turn on the kitchen ceiling"', "things", 'ask "can you find my Sonos?"'):
        print(f"  {claw} {words}")
    print("\nMoving in:", flush=True)


async def _settle(house: House, devices: Mapping[str, Mapping[str, Any]]) -> None:
    """Adopt what is announced, as an owner who says yes would, and say what was proved."""
    context = Context.new("demo")
    for name in AREAS:
        await house.registry.put_area(Area(name.lower().replace(" ", "_"), name))
    await house.registry.put_area(Area("living_room", "Living room", ("lounge",)))
    with house.bus.subscribe(DeviceFound) as found, anyio.move_on_after(FIND_SECONDS):
        waiting = {str(facts["address"]): facts for facts in devices.values() if facts.get("adoptable", True)}
        async with anyio.create_task_group() as group:
            known = list(house.registry.devices.values())
            while waiting:
                for device in known:
                    facts = waiting.pop(device.host, None)
                    if facts is not None:
                        group.start_soon(_adopt, house, device, facts, context)
                if waiting:
                    known = [house.registry.devices[(await found.next()).device_id]]
    print("\nThe house is alive. Ctrl-C ends it.", flush=True)


async def _adopt(house: House, device: Device, facts: Mapping[str, Any], context: Context) -> None:
    login = facts.get("login")
    secret = f"{login['user']}:{login['password']}" if login else ""
    try:
        adopted = await house.adoption.adopt(
            device.id, consent=True, code=str(facts.get("setup_code", "")), secret=secret, context=context
        )
    except ClawError as error:
        print(f"  - {device.title}: {error}", flush=True)
        return
    for thing in adopted.things:
        print(f"  + {thing.title} ({_what(thing)}), level {int(thing.level)}", flush=True)
    for question in adopted.asked:
        print(f"  ? {device.title}: {question}", flush=True)


def _what(thing: Thing) -> str:
    return ", ".join(thing.capabilities)
