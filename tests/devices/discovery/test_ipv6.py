"""IPv6 multicast, and all interfaces at once, in a network namespace of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.support.programs import find


@pytest.fixture
def island() -> Iterator[str]:
    ip, name = find("ip"), f"clawdisc{os.getpid()}"
    assert ip is not None

    def run(*words: str) -> None:
        subprocess.run([ip, *words], check=True, capture_output=True)

    run("netns", "add", name)
    try:
        run("-n", name, "link", "set", "lo", "up")
        run("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "far0")
        for setting in ("eth0.accept_dad=0", "far0.disable_ipv6=1"):
            run("netns", "exec", name, "sysctl", "-qw", f"net.ipv6.conf.{setting}")
        for link in ("eth0", "far0"):
            run("-n", name, "link", "set", link, "up")
        run("-n", name, "addr", "add", "10.99.0.1/24", "dev", "eth0")
        yield name
    finally:
        run("netns", "del", name)


@pytest.mark.requires("netns")
def test_a_device_comes_moves_and_goes_over_ipv6(island: str) -> None:
    command = [
        "ip",
        "netns",
        "exec",
        island,
        sys.executable,
        "-m",
        "tests.devices.discovery.island",
        f"six{os.getpid()}",
    ]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    came, moved, went, ssdp, bye = (json.loads(line) for line in done.stdout.splitlines())
    scope = came["scope"]
    assert came["hosts"] == [f"fe80::77%{scope}"]
    assert moved["hosts"][0] == "10.99.0.9"
    assert went["gone"]
    assert ssdp["hosts"][0].endswith(f"%{scope}")
    assert f"%{scope}]:9/d.xml" in ssdp["location"]
    assert bye["gone"]
