"""Starts that are refused: one line, exit 1, no traceback, and nothing touched."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from claw.cli import main
from claw.cli.daemon import published


def claw(*words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """A `claw` of its own, as a stranger runs it."""
    command = [sys.executable, "-m", "claw", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **env})


def refused(done: subprocess.CompletedProcess[str], code: int = 1) -> str:
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def test_a_port_that_is_taken(tmp_path: Path, taken: int) -> None:
    line = refused(claw("up", "--data", str(tmp_path), "--no-discovery", "--port", str(taken)))
    assert f"port {taken}" in line
    assert "--port" in line


@pytest.mark.parametrize("port", ["99999", "-1"])
def test_a_port_that_is_none(tmp_path: Path, port: str) -> None:
    assert "--port is" in refused(claw("up", "--data", str(tmp_path), f"--port={port}"))


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to look at" * 40])
def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "claw.db").write_bytes(content)
    line = refused(claw("up", "--data", str(tmp_path), "--port", "0"))
    assert "claw.db" in line
    assert (tmp_path / "claw.db").read_bytes() == content


def test_an_interface_that_is_not_ours(tmp_path: Path) -> None:
    for verb in (["up", "--port", "0", "--data", str(tmp_path)], ["discover", "--data", str(tmp_path / "none")]):
        assert "192.0.2.77" in refused(claw(*verb, "--interface", "192.0.2.77"))


def test_a_postgres_that_is_not_there(tmp_path: Path, taken: int) -> None:
    url = "postgresql://claw@127.0.0.1:1/claw"
    assert "127.0.0.1" in refused(claw("up", "--data", str(tmp_path), "--port", "0", CLAW_DATABASE=url))


@contextmanager
def hanging_up(answer: bytes) -> Iterator[int]:
    """Something on a port that says `answer` and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            client, _ = server.accept()
            with client:
                client.recv(65536)
                client.sendall(answer)

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield int(server.getsockname()[1])
        thread.join(5)


@pytest.mark.parametrize("words", [["things"], ["ask", "hello"], ["adopt", "x"]])
@pytest.mark.parametrize("answer", [b"", b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"prog\n', b"garbage\r\n\r\n"])
def test_a_daemon_that_hangs_up(
    tmp_path: Path, words: list[str], answer: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    with hanging_up(answer) as port:
        url = f"http://127.0.0.1:{port}"
        with published(tmp_path, url, "x"):
            assert main([*words, "--data", str(tmp_path)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "the daemon" in err.lower()


@pytest.mark.parametrize(
    "left",
    [
        {"url": "http://127.0.0.1:1", "token": "secret"},  # killed: nobody holds it any more
        {"url": "http://[", "token": "secret"},
        {"url": 7, "token": "secret"},
        ["not", "an", "object"],
    ],
)
def test_a_file_that_no_daemon_holds_sends_no_token_anywhere(
    tmp_path: Path, left: object, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "daemon.json").write_text(json.dumps(left))
    assert main(["things", "--data", str(tmp_path)]) == 1
    assert "No daemon runs on" in capsys.readouterr().err


def test_a_daemon_that_was_killed_is_known_to_be_gone(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "claw", "up", "--data", str(tmp_path), "--port", "0", "--no-discovery"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert "Claw is up" in daemon.stdout.readline()
        assert claw("things", "--data", str(tmp_path)).returncode == 0
        daemon.kill()
    assert (tmp_path / "daemon.json").exists()
    assert "No daemon runs on" in refused(claw("things", "--data", str(tmp_path)))


@pytest.mark.parametrize("mark", ["file", "folder", "none"])
def test_a_demo_empties_no_folder_of_yours(tmp_path: Path, mark: str) -> None:
    (tmp_path / "thesis.txt").write_text("precious")
    if mark == "file":
        (tmp_path / "demo").write_text("mine")
    elif mark == "folder":
        (tmp_path / "demo").mkdir()
    assert "not a demo's folder" in refused(claw("demo", "--port", "0", "--data", str(tmp_path)))
    assert (tmp_path / "thesis.txt").read_text() == "precious"
