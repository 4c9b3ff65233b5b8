"""`claw demo` as a stranger starts it, meets it and ends it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

WAIT = 60  # seconds; far more than it takes
CLAW = (sys.executable, "-m", "claw")


def claw(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CLAW, *words], capture_output=True, text=True, timeout=WAIT, check=False)


class Demo:
    """A running demo; `said` is what it has printed so far."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = ""

    def until(self, words: str) -> str:
        """Read on until a line says so."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said += line
            if words in line:
                return line
        raise AssertionError(f"never said {words!r}:\n{self.said}")

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children(recursive=True)


@contextmanager
def demo(data: Path) -> Iterator[Demo]:
    words = [*CLAW, "demo", "--port", "0", "--data", str(data)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            yield Demo(process)
        finally:
            process.kill()


def gone(processes: list[psutil.Process]) -> None:
    _, alive = psutil.wait_procs(processes, timeout=WAIT)
    assert alive == []


def test_a_newcomer_meets_the_house_and_leaves(tmp_path: Path) -> None:
    data = tmp_path / "demo"
    with demo(data) as running:
        alive = running.until("The house is alive")
        assert "20 things" in alive, running.said
        running.until("Ctrl-C ends it.")
        assert "+ Kitchen ceiling, Kitchen counter, Living room lamp" in running.said
        assert "Traceback" not in running.said

        reply = json.loads(claw("ask", "turn on the bedroom lamp", "--json", "--data", str(data)).stdout)
        assert [effect["verified"] for effect in reply["effects"]] == [True]
        things = claw("things", "--data", str(data)).stdout
        assert "\nBedroom\n" in things
        assert max(map(len, things.splitlines())) <= 100

        again = claw("demo", "--port", "0", "--data", str(data))
        assert (again.returncode, again.stdout) == (1, "")
        assert again.stderr.startswith(f"claw demo: A demo is already running in {data}: talk to it with 'claw ask'")
        assert len(again.stderr.splitlines()) == 1
        assert (data / "daemon.json").exists(), "the running demo was left alone"

        children = running.children()
        assert children
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(WAIT) in {0, 130}
        rest = running.process.stdout.read() if running.process.stdout else ""
        assert rest.strip() == "Claw stops."
        gone(children)


def test_a_killed_demo_leaves_no_orphan(tmp_path: Path) -> None:
    with demo(tmp_path / "demo") as running:
        running.until("Moving in:")
        children = running.children()
        assert children
        os.kill(running.process.pid, signal.SIGKILL)
        gone(children)


def test_a_real_house_is_never_emptied(tmp_path: Path) -> None:
    precious = tmp_path / "claw.db"
    precious.write_text("my house")
    refused = claw("demo", "--port", "0", "--data", str(tmp_path))
    assert refused.returncode == 1
    assert refused.stderr == f"claw demo: {tmp_path} is not a demo's folder; give an empty one with --data.\n"
    assert precious.read_text() == "my house"


@pytest.mark.parametrize("verb", ["demo", "up"])
def test_a_taken_port_is_one_line(tmp_path: Path, verb: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        refused = claw(verb, "--port", str(port), "--data", str(tmp_path / "demo"))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"claw {verb}: Cannot listen on 127.0.0.1 port {port}: Address already in use. "
        "Choose another with --port (0 picks a free one).\n"
    )
