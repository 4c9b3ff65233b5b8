"""The UPnP binding against gmediarender, a renderer that we did not write, in a network namespace of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support import programs

ADDRESS, PORT = "10.77.0.1", 49494

SCRIPT = f"""
import json, re, urllib.request, anyio
from claw.errors import DeviceError, DeviceRefused
from claw.model.form import Endpoint, Form, Target
from claw.protocols.upnp import Upnp

RC, AVT = ("urn:schemas-upnp-org:service:" + name for name in ("RenderingControl:1", "AVTransport:1"))
WHO = {{"InstanceID": 0, "Channel": "Master"}}
device = Endpoint("{ADDRESS}", {PORT}, device_id="r1")

class Nothing:
    async def get(self, ref): return None
    async def put(self, ref, value): raise AssertionError

def call(service, action, arguments):
    path = f"/upnp/control/render{{'control' if service == RC else 'transport'}}1"
    terms = {{"upnp:service": service, "upnp:action": action, "upnp:arguments": arguments}}
    return Target(device, Form("invokeaction", path, terms=terms))

async def main():
    upnp, said = Upnp(Nothing()), {{}}
    volume = call(RC, "GetVolume", WHO)
    with anyio.fail_after(20):
        # it answers 0 until its output has come up and set 0 dB, which is 100
        while said.get("before") != {{"CurrentVolume": "100"}}:
            try:
                said["before"] = await upnp.read(volume)
            except DeviceError:  # not even listening yet
                pass
            await anyio.sleep(0.05)
    pushed = upnp.observe(Target(device, Form("observeproperty", "/upnp/event/rendercontrol1")))
    with anyio.fail_after(10):
        said["event"] = await anext(pushed)
        await upnp.write(call(RC, "SetVolume", {{**WHO, "DesiredVolume": 42}}), 42)
        said["after"] = await upnp.read(volume)
        async for said["pushed"] in pushed:  # it tells of the decibels on their own
            if said["pushed"]["Volume"]["Master"] == "42":
                break
        await pushed.aclose()
    for action in ("Play", "Explode"):  # nothing to play; no such action
        try:
            await upnp.invoke(call(AVT, action, {{"InstanceID": 0, "Speed": 1}}), None)
        except DeviceRefused as error:
            said[action] = str(error)
    await upnp.aclose()
    print(json.dumps(said))

anyio.run(main)
"""


@pytest.fixture
def namespace(tmp_path: Path) -> Generator[str]:
    ip = programs.find("ip") or "ip"
    name = f"clawupnp{os.getpid()}"
    subprocess.run([ip, "netns", "add", name], check=True)
    inside = [ip, "netns", "exec", name]
    try:
        for command in (
            "link set lo up",
            "link add lan0 type veth peer name lan1",
            "link set lan1 up",
            f"addr add {ADDRESS}/24 dev lan0",
            "link set lan0 up",
            "route add 224.0.0.0/4 dev lan0",
        ):
            subprocess.run([*inside, ip, *command.split()], check=True)
        sinks = ["--gstout-audiosink", "fakesink", "--gstout-videosink", "fakesink"]
        command = ["gmediarender", "-I", "lan0", "-p", str(PORT), "-f", "Test", *sinks, "--logfile", "stdout"]
        with (tmp_path / "log").open("wb") as log:
            renderer = subprocess.Popen([*inside, *command], stdout=log, stderr=log)
            try:
                yield name
            finally:
                renderer.kill()
                renderer.wait()
    finally:
        subprocess.run([ip, "netns", "del", name], check=True)


@pytest.mark.real
@pytest.mark.requires("gmediarender", "netns")
def test_a_renderer_that_we_did_not_write(namespace: str) -> None:
    command = [programs.find("ip") or "ip", "netns", "exec", namespace, sys.executable, "-W", "error", "-c", SCRIPT]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["after"] == {"CurrentVolume": "42"}
    assert said["event"]["Volume"]["Master"] == "100"
    assert said["pushed"]["Volume"]["Master"] == "42"
    assert "refuses Play: UPnP error 501 Playing failed" in said["Play"]
    assert "refuses Explode: UPnP error 501 Action Failed" in said["Explode"]
