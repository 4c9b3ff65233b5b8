"""A block of loopback addresses that no other simulated house on this machine uses."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from claw.errors import SettingsError

_LOCK_PORT = 1400  # bound on host 1 of the block; devices start at host 10
_MOVED = 100  # how far a device with the `wrong_address` fault moves


class Block:
    """One 127.x.y.0/24, held by a bound socket until closed."""

    def __init__(self, base: str, lock: socket.socket) -> None:
        self.base = base
        self._lock = lock

    def host(self, number: int, *, moved: bool = False) -> str:
        """The address of host `number`, or the one that it moves to."""
        return f"{self.base}{number + _MOVED if moved else number}"

    def close(self) -> None:
        """Let others have the block."""
        self._lock.close()


def claim(base: str | None = None) -> Block:
    """Claim `base` (as in `127.0.0.`), or the first free block for this process. Raises SettingsError."""
    for candidate in [base] if base else _candidates(os.getpid()):
        lock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            lock.bind((f"{candidate}1", _LOCK_PORT))
        except OSError as error:
            lock.close()
            if base:
                raise SettingsError(
                    f"Cannot use {base}x for the simulated house ({error.strerror}). Choose another block with "
                    "--address-base; where only 127.0.0.1 exists (macOS), add aliases to lo0 first."
                ) from error
        else:
            return Block(candidate, lock)
    raise SettingsError("No free block of loopback addresses: this system may offer 127.0.0.1 only.")


def _candidates(process: int) -> Iterator[str]:
    """Blocks to try, beginning with this process's own; 127.0.x.x is left to others."""
    for step in range(64):
        place = process + step * 7919
        yield f"127.{16 + place % 224}.{place // 224 % 256}."
