"""Programs that pip cannot bring: found, or skipped with the reason, or (CLAW_TEST_REQUIRE=all) a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SBIN = "/usr/sbin:/sbin:/usr/local/sbin"


def find(name: str) -> str | None:
    """A program on PATH or in the administrator's folders."""
    return shutil.which(name) or shutil.which(name, path=SBIN)


def postgres_bin() -> Path | None:
    """The folder with initdb and postgres, Debian's versioned one included."""
    if path := shutil.which("initdb"):
        return Path(path).parent
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return folders[-1].parent if folders else None


def devices() -> Path:
    """Where device software of others was installed for these tests (`.ci/install-devices`)."""
    return Path(os.environ.get("CLAW_TEST_DEVICES") or ROOT / ".ci" / "devices")


def _npm(package: str) -> str | None:
    there = (devices() / "node_modules" / package / "package.json").exists()
    return None if there else f"the npm package {package} is not in {devices()} (.ci/install-devices brings it)"


def _netns() -> bool:
    ip = find("ip")
    if ip is None or os.geteuid() != 0:
        return False
    name = f"clawprobe{os.getpid()}"
    made = subprocess.run([ip, "netns", "add", name], capture_output=True, check=False).returncode == 0
    if made:
        subprocess.run([ip, "netns", "del", name], capture_output=True, check=False)
    return made


@cache
def missing(program: str) -> str | None:
    """Why `program` cannot be used here, or None when it can."""
    match program:
        case "postgres":
            return None if postgres_bin() else "PostgreSQL is not installed (Debian: postgresql)"
        case "netns":
            return None if _netns() else "network namespaces need root and iproute2"
        case "root":
            return None if os.geteuid() == 0 else "needs root"
        case npm if npm.startswith("npm:"):
            return _npm(npm.removeprefix("npm:"))
        case "ha-mqtt-discoverable":
            there = (devices() / "mqtt" / "bin" / "python").exists()
            return None if there else f"{program} is not in {devices()} (.ci/install-devices brings it)"
        case _:
            return None if find(program) else f"{program} is not installed"


def skip_or_fail(reason: str) -> None:
    """Skip, unless everything is required."""
    if os.environ.get("CLAW_TEST_REQUIRE") == "all":
        pytest.fail(f"CLAW_TEST_REQUIRE=all, but {reason}", pytrace=False)
    pytest.skip(reason)
