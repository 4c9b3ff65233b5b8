"""A PostgreSQL server of our own: made, started and removed by the test session, on a socket nobody else has."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.programs import postgres_bin

ACCESS = "local all locked scram-sha-256\nlocal all all trust\n"  # one role has to give a password
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "40",
    "shared_buffers": "16MB",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class Server:
    """One running server. `url(database)` is what a person would write."""

    def __init__(self, folder: Path, binaries: Path, user: str | None) -> None:
        self.folder = folder
        self._binaries = binaries
        self._user = user
        self._made = 0
        self._shared = ""

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs; it refuses to be root, so root steps down first."""
        with (self.folder / "log").open("ab") as log:
            done = subprocess.run(
                [self._binaries / program, *arguments],
                user=self._user,
                group=self._user,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,  # not a pipe: the server would inherit it and keep it open
                stderr=log,
                check=False,
            )
        assert done.returncode == 0, (self.folder / "log").read_text("utf-8", "replace")[-2000:]

    def sql(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as the superuser."""
        self.run(
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-h",
            str(self.folder),
            "-U",
            "claw",
            "-d",
            database,
            "-c",
            statement,
        )

    def make_database(self) -> str:
        """A fresh, empty database; its name."""
        self._made += 1
        name = f"claw{self._made}"
        self.sql(f"CREATE DATABASE {name}")
        return name

    def empty_database(self) -> str:
        """An empty database, the same for every test: making one costs 7 MB of files, emptying it nothing."""
        if self._shared:
            self.sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public", self._shared)
        else:
            self._shared = self.make_database()
        return self._shared

    def url(self, database: str, user: str = "claw") -> str:
        """Where it is."""
        return f"postgresql://{user}@/{database}?host={self.folder}"


@contextmanager
def serve() -> Iterator[Server]:
    """A server for as long as the block lasts."""
    found = postgres_bin()
    assert found is not None
    binaries = (found / "initdb").resolve().parent  # psql lives there too, whatever is linked elsewhere
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="clawpg", dir="/tmp"))
    (folder / "log").touch(mode=0o666)
    if user is not None:
        shutil.chown(folder, user, user)
    server = Server(folder, binaries, user)
    data = str(folder / "data")
    try:
        server.run("initdb", "-D", data, "-U", "claw", "-A", "trust", "-E", "UTF8", "--locale", "C", "--no-sync")
        (folder / "data" / "pg_hba.conf").write_text(ACCESS)
        options = " ".join(f"-c {name}='{value}'" for name, value in OPTIONS.items())
        server.run(
            "pg_ctl", "-D", data, "-l", str(folder / "server.log"), "-o", f"{options} -k {folder}", "-w", "start"
        )
        try:
            yield server
        finally:
            server.run("pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
