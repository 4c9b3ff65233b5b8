"""A LAN of network namespaces: one bridge, one namespace for each host, nothing that leads outside.

Inside each namespace `eth0` is itself a bridge: ciao, the mDNS library of hap-nodejs, cannot use an interface that
`ip link` prints as `eth0@if7`, which a veth is. The default route leads nowhere; programs look for one to find
"the" interface, and multicast takes it.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.real.program import Program
from tests.support import programs

_numbers = itertools.count()


def _ip(*words: str) -> str:
    done = subprocess.run([programs.find("ip") or "ip", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"ip {' '.join(words)}: {done.stderr}"
    return done.stdout


class Host:
    """One machine on the LAN."""

    def __init__(self, lan: Lan, name: str, address: str) -> None:
        self.namespace, self.address = f"{lan.name}-{name}", address
        self._programs: list[Program] = []

    def words(self, *command: str) -> list[str]:
        """`command` as it is run from outside to run in here."""
        return [programs.find("ip") or "ip", "netns", "exec", self.namespace, *command]

    def start(self, *command: str, folder: Path | None = None, env: Mapping[str, str] | None = None) -> Program:
        """Run a program here until the LAN ends."""
        program = Program(self.words(*command), folder, env)
        self._programs.append(program)
        return program

    def run(self, *command: str, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a program here to its end."""
        full = {**os.environ, **(env or {})}
        return subprocess.run(
            self.words(*command), capture_output=True, text=True, check=False, timeout=120, env=full
        )

    def python(self, code: str) -> str:
        """What a few lines of Python print here."""
        done = self.run(sys.executable, "-c", code)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def move(self, address: str) -> None:
        """Take another address, as after a new DHCP lease."""
        _ip("-n", self.namespace, "addr", "del", f"{self.address}/24", "dev", "eth0")
        _ip("-n", self.namespace, "addr", "add", f"{address}/24", "brd", "+", "dev", "eth0")
        _ip("-n", self.namespace, "route", "replace", "default", "dev", "eth0")
        self.address = address

    def end(self) -> None:
        """Stop whatever still runs here."""
        for program in reversed(self._programs):
            program.stop()
        self._programs.clear()


class Lan:
    """Hosts 10.77.0.x behind one bridge."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.hosts: list[Host] = []
        self._bridge = f"{name}-lan"
        _ip("netns", "add", self._bridge)
        _ip("-n", self._bridge, "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        _ip("-n", self._bridge, "link", "set", "br0", "up")

    def host(self, name: str) -> Host:
        """One more machine."""
        number = len(self.hosts) + 10
        host = Host(self, name, f"10.77.0.{number}")
        inside = ("-n", host.namespace)
        _ip("netns", "add", host.namespace)
        self.hosts.append(host)
        for words in ("link set lo up", "link set lo multicast on"):
            _ip(*inside, *words.split())
        port = f"p{number}"
        _ip("-n", self._bridge, "link", "add", port, "type", "veth", "peer", "up0", "netns", host.namespace)
        _ip("-n", self._bridge, "link", "set", port, "master", "br0", "up")
        for words in (
            "link add eth0 type bridge mcast_snooping 0",
            "link set up0 master eth0 up",
            "link set eth0 up",
            f"addr add {host.address}/24 brd + dev eth0",
            "route add default dev eth0",
        ):
            _ip(*inside, *words.split())
        return host

    def end(self) -> None:
        """Stop everything and take the namespaces away."""
        for host in self.hosts:
            host.end()
        for namespace in (*(host.namespace for host in self.hosts), self._bridge):
            _ip("netns", "del", namespace)


@contextmanager
def lan() -> Iterator[Lan]:
    """A LAN of one's own."""
    made = Lan(f"claw{os.getpid()}x{next(_numbers)}")
    try:
        yield made
    finally:
        made.end()
