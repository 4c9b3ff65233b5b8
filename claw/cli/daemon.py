"""Talking to the running daemon: its address and the local owner's token are in the data directory."""

from __future__ import annotations

import argparse
import fcntl
import http.client
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO
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
            if (daemon := _published(folder / FILE)) is not None:
                return daemon
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


def _published(path: Path) -> Daemon | None:
    """What a living daemon says of itself: it holds a lock on the file, which the kernel drops when it dies."""
    try:
        with path.open(encoding="utf-8") as file:
            if _lock(file, fcntl.LOCK_SH):
                return None  # left behind by one that was killed; its port may be a stranger's by now
            found = json.load(file)
        parts = urlsplit(found["url"])
        return Daemon(found["url"], str(found["token"])) if parts.hostname and parts.port else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _lock(file: TextIO, how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def published(data: Path, url: str, token: str) -> Iterator[None]:
    """Leave the address and the token where only this user can read them, for as long as the block lasts."""
    path = data / FILE
    temporary = path.with_suffix(".tmp")
    temporary.touch(mode=0o600)
    with temporary.open("w", encoding="utf-8") as file:
        _lock(file, fcntl.LOCK_EX)
        file.write(json.dumps({"url": url, "token": token}))
        file.flush()
        temporary.replace(path)
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
