"""`claw demo`: a simulated house on this machine's loopback, with the real daemon living in it."""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from claw import settings
from claw.cli.daemon import add_data
from claw.cli.warm import warm
from claw.errors import ClawError, SettingsError, StoreLocked

if TYPE_CHECKING:
    from claw.app import House

LOOPBACK = "127.0.0.1"
MARK = "this-is-a-claw-demo"
WORDS = "This folder was made by 'claw demo', which empties it at every start.\n"
MADE = ("claw.db", "claw.db-*", "claw.db.*", "daemon.json", "daemon.tmp")  # nothing else is ever removed
PATIENCE = 2.0  # seconds that the simulated house gets to close its doors
TRY = ('ask "turn on the kitchen ceiling"', 'ask "can you find my Sonos?"', "things")


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_data(sub)
    sub.add_argument("--port", type=int, metavar="N", help="port to listen on, 0 for any (default: 8400)")


def run(options: argparse.Namespace) -> int:
    """Start the house, then the daemon in it."""
    began = time.monotonic()
    folder = Path(options.data).expanduser() if options.data else settings.demo_dir()
    loaded = settings.load(data=str(folder), port=options.port, interfaces=(LOOPBACK,), alone=True)
    warm()
    _forget(folder)
    _check(loaded)
    with _simulated() as (child, complaints):
        # loaded while the simulated house starts; nobody else needs to wait for the daemon's imports
        from claw.cli.moving_in import move_in  # noqa: PLC0415
        from claw.cli.serving import serve  # noqa: PLC0415

        world = _ready(child, complaints)

        async def greeting(house: House, url: str, code: str) -> None:
            print(f"A simulated house, with Claw in it, is up at {url}")
            print(f"Pairing code for a browser or phone: {code} (one use, 15 minutes)\n\nMoving in:", flush=True)
            await move_in(house, world["devices"], lambda line: print(line, flush=True))
            things, seconds = len(house.registry.things), time.monotonic() - began
            print(f"\nThe house is alive: {things} things after {seconds:.1f} s. In another terminal, try:")
            for words in TRY:
                print(f"  {_command()} {words}{f' --data {options.data}' if options.data else ''}")
            print("Ctrl-C ends it.", flush=True)

        return serve(loaded, greeting)


def _command() -> str:
    return "claw" if shutil.which("claw") else sys.argv[0]


def _forget(folder: Path) -> None:
    """A demo starts afresh; only a folder that a demo made, and that none uses now, is ever emptied."""
    from claw.store.lock import DirectoryLock  # noqa: PLC0415 - brings the database with it

    mark = folder / MARK
    if folder.is_dir() and any(folder.iterdir()) and not (mark.is_file() and mark.read_text("utf-8") == WORDS):
        raise SettingsError(f"{folder} is not a demo's folder; give an empty one with --data.")
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = DirectoryLock(folder)
    except StoreLocked as error:
        raise StoreLocked(
            f"A demo is already running in {folder}: talk to it with 'claw ask', or give this one another folder "
            "and port with --data DIR --port 0."
        ) from error
    except OSError as error:
        raise SettingsError(f"Cannot use {folder}: {error.strerror}. Give another folder with --data.") from error
    try:
        for made in (path for pattern in MADE for path in folder.glob(pattern)):
            made.unlink()
        mark.write_text(WORDS, "utf-8")
    finally:
        lock.release()


def _check(loaded: settings.Settings) -> None:
    """Refuse a port that is taken before anything is started for it."""
    from claw.api.server import listen  # noqa: PLC0415 - the daemon's imports, once the folder is in order

    listen(loaded.host, loaded.port).close()


@contextmanager
def _simulated() -> Iterator[tuple[subprocess.Popen[str], IO[str]]]:
    """The simulated house, in a session of its own: Ctrl-C is for the daemon, and its end ends the house."""
    words = [sys.executable, "-m", "claw.simulator", "--json", "--held", "--tied"]
    pipe = subprocess.PIPE
    # its complaints go to a file: a pipe that nobody reads would fill up and stop the house
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8") as complaints,
        subprocess.Popen(  # noqa: S603 - this very program
            words, stdin=pipe, stdout=pipe, stderr=complaints, text=True, start_new_session=True
        ) as child,
    ):
        try:
            yield child, complaints
        finally:
            child.terminate()
            try:
                child.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                child.kill()


def _ready(child: subprocess.Popen[str], complaints: IO[str]) -> Mapping[str, Any]:
    """Where its devices are. Raises ClawError with the reason when it does not start."""
    line = child.stdout.readline() if child.stdout else ""
    if not line:
        child.wait(PATIENCE)
        complaints.seek(0)
        reason = complaints.read().strip().splitlines()
        raise ClawError(f"The simulated house did not start: {reason[-1] if reason else 'no reason given'}")
    world: Mapping[str, Any] = json.loads(line)
    return world
