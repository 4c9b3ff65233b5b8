"""`python -m tests.bench [--stub URL] [SECTION ...]`: the numbers to hold; docs/reference/benchmarks.md explains them."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import urlsplit

from websockets.sync.client import ClientConnection, connect

from tests.bench.figures import show, spread
from tests.bench.inside import drift, understand
from tests.bench.installing import install
from tests.bench.running import Daemon, free_port, get, process, wait_port

TEXTS = 300
STARTS = 11
ADOPTERS = 8  # at the same time
LOOPBACK = ("--interface", "127.0.0.1")  # discovery runs, where it disturbs nobody
TURN = ("turn on the reading lamp", "turn off the reading lamp")


def _adopt(daemon: Daemon, stub: int) -> None:
    lines = str(daemon.call("POST", "/api/v1/adopt", {"target": f"http://127.0.0.1:{stub}", "yes": True}))
    if '"things":[{' not in lines and "'things': [{" not in lines:
        raise RuntimeError(f"the stub was not adopted: {lines}")


def _arrivals(stub: int) -> list[float]:
    log = get(stub, "/log")[1]
    return [at for at, _ in log] if isinstance(log, list) else []


def start(data: Path, stub: int) -> None:
    """From exec to /readyz 200, on a database that is up to date; then the first text at once."""
    ready, device, replies, cpu = [], [], [], []
    for number in range(STARTS):
        with Daemon(data, *LOOPBACK).up() as daemon:
            ready.append(daemon.ready_ms)
            cpu.append(daemon.cpu() * 1000)
            _arrivals(stub)
            began = time.monotonic()
            daemon.call("POST", "/api/v1/messages", {"text": TURN[number % 2]})
            replies.append((time.monotonic() - began) * 1000)
            device.append((_arrivals(stub)[0] - began) * 1000)
    show(
        "start",
        n=STARTS,
        readyz_ms=[round(x) for x in ready],
        median_ms=round(median(ready)),
        cpu_ms=round(median(cpu)),
    )
    show(
        "first_text_after_restart",
        to_device_ms=[round(x, 1) for x in device],
        reply_ms=[round(x, 1) for x in replies],
        median_to_device_ms=round(median(device), 1),
        median_reply_ms=round(median(replies), 1),
    )


def idle(data: Path, stub: int) -> None:
    """Resident memory and CPU of the daemon alone after it has settled, with discovery and without."""
    for name, option in (("idle", LOOPBACK), ("idle_without_discovery", ("--no-discovery",))):
        with Daemon(data, *option).up() as daemon:
            at_ready = daemon.rss_mb()
            time.sleep(10)
            before = daemon.cpu()
            time.sleep(20)
            percent = round((daemon.cpu() - before) / 20 * 100, 2)
            show(name, rss_at_ready_mb=at_ready, rss_mb=daemon.rss_mb(), cpu_percent=percent)


def text(data: Path, stub: int) -> None:
    """A text over REST: until the device's request arrives, and until the reply that was read back."""
    to_device, replies, unverified = [], [], 0
    with Daemon(data, "--no-discovery").up() as daemon:
        for number in range(TEXTS + 20):
            _arrivals(stub)
            began = time.monotonic()
            answer = daemon.call("POST", "/api/v1/messages", {"text": TURN[number % 2]})
            ended = time.monotonic()
            if number < 20:
                continue
            to_device.append(_arrivals(stub)[0] - began)
            replies.append(ended - began)
            effects = answer["effects"] if isinstance(answer, dict) else []
            unverified += not (effects and effects[0]["verified"])
    show("text_to_device", **spread(to_device))
    show("text_to_read_back_reply", **spread(replies), unverified=unverified)


def stream(data: Path, stub: int) -> None:
    """From the device's change to the change on an open WebSocket: ordered over REST, and at the lamp by hand."""
    ordered, recorded = [], []
    with Daemon(data, "--no-discovery").up() as daemon:
        things = daemon.call("GET", "/api/v1/things")
        thing = things[0]["id"] if isinstance(things, list) else ""
        headers = {"Authorization": f"Bearer {daemon.token}"}
        url = f"ws://127.0.0.1:{daemon.port}/api/v1/stream"
        with connect(url, additional_headers=headers) as socket, ThreadPoolExecutor(1) as hand:
            socket.recv()
            for number in range(TEXTS):
                _arrivals(stub)
                body = {"value": number % 2 == 0}
                done = hand.submit(daemon.call, "PUT", f"/api/v1/things/{thing}/properties/on_off", body)
                message, arrived, wall = _next_reading(socket)
                done.result()
                ordered.append(arrived - _arrivals(stub)[0])
                recorded.append(wall - message["at"])
    show(
        "device_change_to_websocket",
        **spread(ordered),
        note="from the order's arrival at the device, read-back included",
    )
    show("reading_to_websocket", **spread(recorded), note="from the moment that the read-back's answer was in")


def _next_reading(socket: ClientConnection) -> tuple[dict[str, Any], float, float]:
    while True:
        text = socket.recv(timeout=10)
        arrived, wall = time.monotonic(), time.time()
        message = json.loads(text)
        if message["type"] == "reading" and message["property"] == "on_off":
            return message, arrived, wall


def discovery(data: Path, stub: int) -> None:
    """200 advertised things: until all are devices, until all are compiled and adopted; then one new at a time."""
    words = [sys.executable, "-m", "tests.bench.announcer", "200"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child,
    ):
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("no pipes")
        try:
            child.stdout.readline()
            began = time.perf_counter()
            with Daemon(Path(folder), *LOOPBACK).up() as daemon, ThreadPoolExecutor(ADOPTERS) as adopters:
                found, whole = _move_in(daemon, adopters, began)
                things = daemon.call("GET", "/api/v1/things")
                show(
                    "discovery_200",
                    found_s=round(found, 2),
                    found_and_compiled_s=round(whole, 2),
                    cpu_s=round(daemon.cpu(), 2),
                    things=len(things) if isinstance(things, list) else 0,
                    rss_mb=daemon.rss_mb(),
                    note="from exec of the daemon, each adopted as soon as it is found",
                )
                new = []
                for number in range(10):
                    child.stdin.write("\n")
                    child.stdin.flush()
                    began = time.perf_counter()
                    new.append(_until(lambda: _bench_devices(daemon), 201 + number, began))
                    child.stdout.readline()
                show(
                    "one_new_announcement",
                    **spread(new),
                    note="from the announcer's order, its mDNS probing included",
                )
        finally:
            child.terminate()


def _move_in(daemon: Daemon, adopters: ThreadPoolExecutor, began: float) -> tuple[float, float]:
    """Adopt 200 devices as they turn up; seconds until all were found, and until all were things."""
    asked: dict[str, Future[object]] = {}
    while len(asked) < 200 and time.perf_counter() - began < 60:
        for device in filter(_is_bench, _devices(daemon)):
            if device["id"] not in asked:
                asked[device["id"]] = adopters.submit(daemon.call, "POST", "/api/v1/adopt", {"target": device["id"]})
        time.sleep(0.25)
    found = time.perf_counter() - began
    for future in asked.values():
        future.result()
    return found, time.perf_counter() - began


def _devices(daemon: Daemon) -> list[dict[str, str]]:
    found = daemon.call("GET", "/api/v1/devices")
    return found if isinstance(found, list) else []


def _is_bench(device: dict[str, str]) -> bool:
    return device["hosts"][0].startswith("127.77.") if device["hosts"] else False


def _bench_devices(daemon: Daemon) -> int:
    return sum(_is_bench(device) for device in _devices(daemon))


def _until(count: Callable[[], int], wanted: int, began: float, seconds: float = 30) -> float:
    while count() < wanted:
        if time.perf_counter() - began > seconds:
            raise TimeoutError(f"{count()} of {wanted} after {seconds} s")
        time.sleep(0.01)
    return time.perf_counter() - began


SECTIONS = {
    "start": start,
    "idle": idle,
    "text": text,
    "stream": stream,
    "discovery": discovery,
    "understand": understand,
    "drift": drift,
    "install": install,
}


def main() -> None:
    """Adopt the stub once, then measure each section on the same data directory."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=", ".join(SECTIONS))
    parser.add_argument("--stub", metavar="URL", help="a Hue v1 bridge with GET /log that runs already, on loopback")
    options = parser.parse_args()
    if unknown := set(options.sections) - set(SECTIONS):
        parser.error(f"no section is called {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    with ExitStack() as stack:
        stub = urlsplit(options.stub).port if options.stub else None
        if stub is None:
            stub = free_port()
            stack.enter_context(process("-m", "tests.bench.stub", str(stub)))
        wait_port(stub, "/api/config")
        data = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "house"
        with Daemon(data, "--no-discovery").up() as daemon:
            _adopt(daemon, stub)
        for name in options.sections or [each for each in SECTIONS if each != "install"]:
            SECTIONS[name](data, stub)


if __name__ == "__main__":
    main()
