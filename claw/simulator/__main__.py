"""`python -m claw.simulator`: the simulated house on its own."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import AsyncIterator

import anyio

from claw.errors import ClawError
from claw.simulator.control import control
from claw.simulator.house import NAMES, SimulatedHouse


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted. Prints one line when ready. Exit codes: 0 done, 1 failed with a reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m claw.simulator", description="A simulated house on loopback.")
    parser.add_argument("--json", action="store_true", help="print the ready line as JSON")
    parser.add_argument("--address-base", metavar="A.B.C.", help="block of loopback addresses, such as 127.0.0.")
    parser.add_argument("--control", type=int, default=0, metavar="PORT", help="port of the control endpoint")
    parser.add_argument("--only", action="append", choices=NAMES, help="only this device (may be repeated)")
    parser.add_argument("--seed", type=int, default=0, help="grain of the pictures")
    parser.add_argument("--held", action="store_true", help="the Hue bridge's button counts as pressed")
    parser.add_argument("--tied", action="store_true", help="end when standard input ends, as when its maker dies")
    given = parser.parse_args(arguments)
    house = SimulatedHouse(seed=given.seed, address_base=given.address_base, only=given.only, held=given.held)
    try:
        anyio.run(_run, house, given)
    except (ClawError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


async def _run(house: SimulatedHouse, given: argparse.Namespace) -> None:
    over = anyio.Event()
    with anyio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        # the house is outside the group, so that what it refuses is not wrapped in one
        async with house, control(house, given.control) as url, anyio.create_task_group() as group:
            group.start_soon(_until_signal, signals, over)
            if given.tied:
                group.start_soon(_until_alone, over)
            line = {"control": url, "pid": os.getpid(), "devices": house.describe()}
            sys.stdout.write((json.dumps(line) if given.json else _prose(line["control"], house)) + "\n")
            sys.stdout.flush()
            await over.wait()
            group.cancel_scope.cancel()


async def _until_signal(signals: AsyncIterator[signal.Signals], over: anyio.Event) -> None:
    async for _ in signals:
        over.set()


async def _until_alone(over: anyio.Event) -> None:
    """Standard input is a pipe from who started us: it ends with them, even if they are killed."""
    while True:
        await anyio.wait_readable(sys.stdin)
        if not os.read(sys.stdin.fileno(), 4096):
            over.set()
            return


def _prose(url: object, house: SimulatedHouse) -> str:
    where = ", ".join(f"{name} at {device.address}" for name, device in house.devices.items())
    return f"The simulated house is up: {where}. Control: {url}"


if __name__ == "__main__":
    sys.exit(main())
