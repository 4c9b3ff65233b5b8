"""What loopback cannot show, in a network namespace of its own: no route, and an address that needs its zone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator

import pytest

from tests.support import programs

SCRIPT = """
import json, time, anyio
from aiohttp import web
from claw.errors import DeviceOffline
from claw.model.form import Endpoint, Form, Target
from claw.protocols.http import Http

class Nothing:
    async def get(self, ref): return None
    async def put(self, ref, value): raise AssertionError

async def main():
    http, said = Http(Nothing()), {}
    start = time.monotonic()
    try:
        await http.read(Target(Endpoint("192.0.2.1", 80), Form("readproperty", "/")))
    except DeviceOffline as error:
        said["unroutable"], said["seconds"] = str(error), time.monotonic() - start
    app = web.Application()
    async def host(request): return web.json_response(request.headers["Host"])
    app.router.add_get("/", host)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "fe80::1%lo", 0).start()
    port = runner.addresses[0][1]
    said["port"] = port
    said["host"] = await http.read(Target(Endpoint("fe80::1%lo", port), Form("readproperty", "/")))
    await http.aclose()
    await runner.cleanup()
    print(json.dumps(said))

anyio.run(main)
"""


@pytest.fixture
def namespace() -> Generator[str]:
    ip = programs.find("ip") or "ip"
    name = f"clawhttp{os.getpid()}"
    subprocess.run([ip, "netns", "add", name], check=True)
    try:
        inside = [ip, "netns", "exec", name, ip]
        subprocess.run([*inside, "link", "set", "lo", "up"], check=True)
        subprocess.run([*inside, "addr", "add", "fe80::1/64", "dev", "lo", "nodad"], check=True)
        yield name
    finally:
        subprocess.run([ip, "netns", "del", name], check=True)


@pytest.mark.requires("netns")
def test_no_route_and_link_local(namespace: str) -> None:
    command = [programs.find("ip") or "ip", "netns", "exec", namespace, sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["unroutable"].startswith("192.0.2.1:80 cannot be reached")
    assert said["seconds"] < 1
    assert said["host"] == f"[fe80::1]:{said['port']}", "the zone stays on this machine"
