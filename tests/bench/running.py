"""A daemon and a stub device in processes of their own, as a person would run them."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

# an installed package has its bytecode; a working tree gets its own at the first run
ENV = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def free_port() -> int:
    """A TCP port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get(port: int, path: str, method: str = "GET", body: object = None, token: str = "") -> tuple[int, object]:
    """One exchange with the daemon or the stub."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    response = connection.getresponse()
    text = response.read()
    connection.close()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text.decode()


def wait_port(port: int, path: str, seconds: float = 20.0) -> float:
    """Poll until `path` answers 200; how long it took."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        try:
            if get(port, path)[0] == http.client.OK:
                return time.perf_counter() - began
        except OSError:
            pass
        time.sleep(0.002)
    raise TimeoutError(f"{path} on port {port} did not answer within {seconds} s")


@contextmanager
def process(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A child that is gone afterwards."""
    child = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENV)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(20)


class Daemon:
    """`claw up` on a data directory."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data, self.options = data, options
        self.port = free_port()
        self.ready_ms = 0.0

    @contextmanager
    def up(self) -> Iterator[Daemon]:
        """Run it until the block ends."""
        words = ("-m", "claw", "up", "--data", str(self.data), "--port", str(self.port), *self.options)
        began = time.perf_counter()
        with process(*words) as child:
            wait_port(self.port, "/readyz")
            self.ready_ms = (time.perf_counter() - began) * 1000
            self.pid = child.pid
            self.token = json.loads((self.data / "daemon.json").read_text())["token"]
            yield self

    def call(self, method: str, path: str, body: object = None) -> object:
        """One API call that must succeed."""
        status, answer = get(self.port, path, method, body, self.token)
        if status >= http.client.BAD_REQUEST:
            raise RuntimeError(f"{method} {path}: {status} {answer}")
        return answer

    def rss_mb(self) -> float:
        """Resident memory now."""
        return round(psutil.Process(self.pid).memory_info().rss / 1e6, 1)

    def cpu(self) -> float:
        """CPU seconds so far."""
        times = psutil.Process(self.pid).cpu_times()
        return times.user + times.system
