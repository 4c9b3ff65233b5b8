"""Talking to the running daemon: its address and the local owner's token are in the data directory."""

from __future__ import annotations

import argparse
import http.client
import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from claw.errors import ClawError, DaemonDown, NotFound, UsageError
from claw.model.json import Json
from claw.settings import data_dir, demo_dir

FILE = "daemon.json"
TIMEOUT = 120.0


def add_data(sub: argparse.ArgumentParser) -> None:
    """The option that every verb takes."""
    sub.add_argument("--data", metavar="DIR", help="where the daemon keeps everything (default: $CLAW_DATA)")


@dataclass(frozen=True, slots=True)
class Daemon:
    """One running daemon."""

    url: str
    token: str

    @classmethod
    def of(cls, data: str | None) -> Daemon:
        """The daemon of a data directory; without one, the house's, else the demo's. Raises DaemonDown."""
        folders = [data_dir(data)] if data else [data_dir(None), demo_dir()]
        for folder in folders:
            try:
                found = json.loads((folder / FILE).read_text("utf-8"))
                os.kill(found["pid"], 0)
                return cls(found["url"], found["token"])
            except (OSError, ValueError, KeyError, TypeError):
                continue  # never started, killed, or somebody else's file: all mean that nobody answers there
        raise DaemonDown(f"No daemon runs on {folders[0]}. Start one with 'claw up' or 'claw demo'.")

    def call(self, method: str, path: str, body: Json = None) -> Json:
        """One exchange. A problem document becomes its one line. Raises DaemonDown."""
        with self._exchange(method, path, body, "application/json") as response:
            return _judged(response.status, _parsed(response.read()))

    def lines(self, method: str, path: str, body: Json = None) -> Iterator[Json]:
        """One exchange whose answer is JSON lines, as they come. Raises DaemonDown."""
        with self._exchange(method, path, body, "application/x-ndjson") as response:
            if response.status >= http.client.BAD_REQUEST:
                _judged(response.status, _parsed(response.read()))
            for line in response:
                if line.strip():
                    yield json.loads(line)

    @contextmanager
    def _exchange(self, method: str, path: str, body: Json, accept: str) -> Iterator[http.client.HTTPResponse]:
        parts = urlsplit(self.url)
        headers = {"Authorization": f"Bearer {self.token}", "Accept": accept}
        data = None
        if body is not None:
            data = json.dumps(body)
            headers["Content-Type"] = "application/json"
        with closing(http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT)) as connection:
            try:
                connection.request(method, path, data, headers)
            except OSError as error:
                line = f"The daemon at {self.url} does not answer ({error}). Is it still running?"
                raise DaemonDown(line) from error
            try:
                yield connection.getresponse()
            except (OSError, ValueError, http.client.HTTPException) as error:
                raise DaemonDown(f"The daemon at {self.url} broke off its answer; its log says why.") from error


def _parsed(text: bytes) -> Json:
    answer: Json = json.loads(text) if text else None
    return answer


def _judged(status: int, answer: Json) -> Json:
    """The answer, or the one line of its problem as an error."""
    if status < http.client.BAD_REQUEST:
        return answer
    detail = answer.get("detail") if isinstance(answer, dict) else None
    line = str(detail or f"the daemon answered {status}")
    if status == http.client.NOT_FOUND:
        raise NotFound(line)
    if status == http.client.UNPROCESSABLE_ENTITY:
        raise UsageError(line)
    raise ClawError(line)


def write_file(data: Path, url: str, token: str) -> Path:
    """Leave the address and the token where only this user can read them."""
    path = data / FILE
    temporary = path.with_suffix(".tmp")
    temporary.touch(mode=0o600)
    temporary.write_text(json.dumps({"url": url, "token": token, "pid": os.getpid()}), "utf-8")
    temporary.replace(path)
    return path
