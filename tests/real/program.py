"""A program that runs beside a test, and what it says, line by line."""

from __future__ import annotations

import os
import re
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path


class Program:
    """A child process. `lines` is all that it has said; `expect` waits for what it will say."""

    def __init__(
        self, words: Sequence[str], folder: Path | None = None, env: Mapping[str, str] | None = None
    ) -> None:
        self.lines: list[str] = []
        self._news = threading.Condition()
        self._over = False
        self._child = subprocess.Popen(
            words,
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self._reader = threading.Thread(target=self._listen, daemon=True)
        self._reader.start()

    def _listen(self) -> None:
        assert self._child.stdout
        for line in self._child.stdout:
            with self._news:
                self.lines.append(line.rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()

    def wait(self, found: Callable[[str], bool], *, since: int = 0, seconds: float = 20.0) -> str:
        """The first line from number `since` on for which `found` holds, said already or yet to come."""
        end = time.monotonic() + seconds
        number = since
        with self._news:
            while True:
                while number < len(self.lines):
                    if found(self.lines[number]):
                        return self.lines[number]
                    number += 1
                left = end - time.monotonic()
                if self._over or left <= 0:
                    said = "\n".join(self.lines[-40:])
                    why = "ended" if self._over else f"was silent about it for {seconds:g} s"
                    raise AssertionError(f"{self._child.args!r} {why}; it said:\n{said}")
                self._news.wait(left)

    def expect(self, pattern: str, *, since: int = 0, seconds: float = 20.0) -> re.Match[str]:
        """The first line that `pattern` is found in."""
        line = self.wait(lambda line: re.search(pattern, line) is not None, since=since, seconds=seconds)
        match = re.search(pattern, line)
        assert match
        return match

    def tell(self, line: str) -> None:
        """Write a line to its standard input."""
        assert self._child.stdin
        self._child.stdin.write(line + "\n")
        self._child.stdin.flush()

    @property
    def mark(self) -> int:
        """How many lines it has said: where to go on waiting."""
        with self._news:
            return len(self.lines)

    def stop(self, *, kill: bool = False) -> None:
        """End it, and wait until it is gone."""
        (self._child.kill if kill else self._child.terminate)()
        try:
            self._child.wait(10)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._reader.join(5)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe:
                pipe.close()
