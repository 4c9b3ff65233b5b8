"""`python -m tests.bench [SECTION ...]`: start, memory, text to device, read-back, first text, discovery, stream."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from websockets.sync.client import connect

from tests.bench.figures import show, spread
from tests.bench.running import Daemon, free_port, get, process, wait_port

TEXTS = 300
STARTS = 7
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
    ready, device, replies = [], [], []
    for number in range(STARTS):
        with Daemon(data, "--no-discovery").up() as daemon:
            ready.append(daemon.ready_ms)
            _arrivals(stub)
            began = time.monotonic()
            daemon.call("POST", "/api/v1/messages", {"text": TURN[number % 2]})
            replies.append((time.monotonic() - began) * 1000)
            device.append((_arrivals(stub)[0] - began) * 1000)
    show("start", n=STARTS, readyz_ms=[round(x) for x in ready], median_ms=round(median(ready)))
    show(
        "first_text_after_restart",
        to_device_ms=[round(x, 1) for x in device],
        reply_ms=[round(x, 1) for x in replies],
        median_to_device_ms=round(median(device), 1),
        median_reply_ms=round(median(replies), 1),
    )


def idle(data: Path, stub: int) -> None:
    """Resident memory and CPU of the daemon alone, discovery on, after it has settled."""
    with Daemon(data, "--interface", "127.0.0.1").up() as daemon:
        time.sleep(5)
        before = daemon.cpu()
        time.sleep(20)
        show("idle", rss_mb=daemon.rss_mb(), cpu_percent=round((daemon.cpu() - before) / 20 * 100, 2))


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
    """From a PUT on a property to the change on an open WebSocket."""
    took = []
    with Daemon(data, "--no-discovery").up() as daemon:
        things = daemon.call("GET", "/api/v1/things")
        thing = things[0]["id"] if isinstance(things, list) else ""
        headers = {"Authorization": f"Bearer {daemon.token}"}
        with connect(f"ws://127.0.0.1:{daemon.port}/api/v1/stream", additional_headers=headers) as socket:
            socket.recv()
            for number in range(TEXTS):
                effect = daemon.call("PUT", f"/api/v1/things/{thing}/properties/on_off", {"value": number % 2 == 0})
                arrived = time.time()
                while True:
                    message = json.loads(socket.recv(timeout=5))
                    if message["type"] == "reading" and message["property"] == "on_off":
                        break
                took.append(max(0.0, time.time() - max(message["at"], 0)) if effect else arrived)
    show("state_change_to_websocket", **spread(took), note="from the reading's own time to its receipt by a client")


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
            with Daemon(Path(folder), "--interface", "127.0.0.1").up() as daemon:
                found = _until(lambda: _bench_devices(daemon), 200, began)
                began = time.perf_counter()
                for device in _devices(daemon):
                    if _is_bench(device):
                        daemon.call("POST", "/api/v1/adopt", {"target": device["id"]})
                things = daemon.call("GET", "/api/v1/things")
                compiled = time.perf_counter() - began
                show(
                    "discovery_200",
                    found_s=round(found, 2),
                    compiled_s=round(compiled, 2),
                    things=len(things) if isinstance(things, list) else 0,
                    rss_mb=daemon.rss_mb(),
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


SECTIONS = {"start": start, "idle": idle, "text": text, "stream": stream, "discovery": discovery}


def main() -> None:
    """Adopt the stub once, then measure each section on the same data directory."""
    wanted = sys.argv[1:] or list(SECTIONS)
    stub = free_port()
    with tempfile.TemporaryDirectory() as folder, process("-m", "tests.bench.stub", str(stub)):
        wait_port(stub, "/api/config")
        data = Path(folder) / "house"
        with Daemon(data, "--no-discovery").up() as daemon:
            _adopt(daemon, stub)
        for name in wanted:
            SECTIONS[name](data, stub)


if __name__ == "__main__":
    main()
