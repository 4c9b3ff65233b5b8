"""Programs that pip cannot bring: found, or skipped with the reason, or (CLAW_TEST_REQUIRE=all) a failure."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache, partial
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


def _mqtt_room() -> str | None:
    there = (devices() / "mqtt" / "bin" / "python").exists()
    return None if there else f"ha-mqtt-discoverable is not in {devices()} (.ci/install-devices brings it)"


def _gst_rtsp_server() -> str | None:
    library = any(Path("/usr/lib").glob("*/girepository-1.0/GstRtspServer-1.0.typelib"))
    there = library and any(Path("/usr/lib").glob("*/gstreamer-1.0/libgstx264.so"))
    return None if there else "Debian's gst-rtsp-server is not installed (.ci/run names its packages)"


def _program(name: str) -> str | None:
    return None if find(name) else f"{name} is not installed"


_PROBES = {"gst-rtsp-server": _gst_rtsp_server, "ha-mqtt-discoverable": _mqtt_room}


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
        case _:
            return _PROBES.get(program, partial(_program, program))()


def skip_or_fail(reason: str) -> None:
    """Skip, unless everything is required."""
    if os.environ.get("CLAW_TEST_REQUIRE") == "all":
        pytest.fail(f"CLAW_TEST_REQUIRE=all, but {reason}", pytrace=False)
    pytest.skip(reason)
