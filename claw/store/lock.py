"""One daemon per data directory: an advisory lock that the kernel drops when its holder dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from claw.errors import StoreError, StoreLocked

NAME = "claw.lock"


class DirectoryLock:
    """Holds `directory` until `release()`. Raises StoreLocked naming the process that has it."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / NAME
        # flock belongs to the open file, so it also keeps a second store of this very process out
        try:
            self._fd = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(
                f"Cannot write in {directory}: {error.strerror}. Make it yours, or choose another data folder."
            ) from error
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = self._holder()
            os.close(self._fd)
            raise StoreLocked(
                f"Another Claw ({holder}) is using {directory}. Stop it, or choose another data folder."
            ) from error
        os.ftruncate(self._fd, 0)
        os.pwrite(self._fd, f"{os.getpid()}\n".encode(), 0)

    def _holder(self) -> str:
        pid = os.pread(self._fd, 16, 0).strip().decode("ascii", "replace")
        return f"pid {pid}" if pid.isdigit() else "just starting"

    def release(self) -> None:
        """Let the next one in. The file stays: removing it would race with who opens it now."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
