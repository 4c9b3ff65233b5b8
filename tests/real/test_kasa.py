"""TP-Link Kasa devices of tplink-smarthome-simulator: a metered plug, a dimmer and a colour bulb."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.real.house import House
from tests.real.lan import Host, Lan
from tests.support import programs

pytestmark = [pytest.mark.real, pytest.mark.requires("netns", "node", "npm:tplink-smarthome-simulator")]

SCRIPT = str(Path(__file__).parent / "devices" / "kasa.js")
MODELS = ("hs110", "hs220", "lb130")

# what a device says of itself, asked without any code of ours
ASK = """
import json, socket
question = json.dumps({{"system": {{"get_sysinfo": {{}}}}}}).encode()
key, sent = 171, bytearray()
for byte in question:
    key ^= byte
    sent.append(key)
with socket.create_connection(("{address}", 9999), 5) as tcp, tcp.makefile("rb") as answer:
    tcp.sendall(len(sent).to_bytes(4, "big") + sent)
    data = answer.read(int.from_bytes(answer.read(4), "big"))
print(bytes(a ^ b for a, b in zip(data, b"\\xab" + data)).decode())
"""


class Den:
    """A plug, a dimmer and a bulb."""

    def __init__(self, hosts: dict[str, Host]) -> None:
        self.hosts = hosts
        for model, host in hosts.items():
            program = host.start(
                "node", SCRIPT, f"{model}={host.address}", env={"CLAW_TEST_DEVICES": str(programs.devices())}
            )
            program.expect("^ready$")

    def says(self, model: str) -> dict[str, Any]:
        """The state of one of them."""
        host = self.hosts[model]
        said: dict[str, Any] = json.loads(host.python(ASK.format(address=host.address)))["system"]["get_sysinfo"]
        return said


@pytest.fixture(scope="module")
def den(network: Lan) -> Den:
    return Den({model: network.host(model) for model in MODELS})


@pytest.fixture(scope="module")
def adopted(house: House, den: Den) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for model in MODELS:
        name = f"Den {model}"
        device = house.device(lambda d, name=name: d["title"] == name and "udp:tplink-kasa" in d["found_by"])
        (found[model],) = house.adopt(device["id"])["things"]
    return found


def test_they_answer_a_broadcast_and_are_proved(adopted: dict[str, dict[str, Any]]) -> None:
    assert {model: (thing["capabilities"], thing["level"]) for model, thing in adopted.items()} == {
        "hs110": (["switch", "sensor"], 5),  # a plug is tried when it was named
        "hs220": (["light"], 5),
        "lb130": (["light"], 5),
    }


def test_a_plug_and_its_meter(house: House, den: Den, adopted: dict[str, Any]) -> None:
    assert house.done("turn on the den hs110")["new"] is True
    assert den.says("hs110")["relay_state"] == 1
    assert house.done("turn off the den hs110")["new"] is False
    assert den.says("hs110")["relay_state"] == 0


def test_a_dimmer(house: House, den: Den, adopted: dict[str, Any]) -> None:
    assert house.done("turn on the den hs220")["new"] is True
    assert house.done("set the den hs220 to 30%")["new"] == 30
    said = den.says("hs220")
    assert (said["relay_state"], said["brightness"]) == (1, 30)


def test_a_bulb(house: House, den: Den, adopted: dict[str, Any]) -> None:
    assert house.done("turn on the den lb130")["new"] is True
    assert house.done("set the den lb130 to 45%")["new"] == 45
    assert house.done("make the den lb130 blue")["new"]["hue"] == 240
    state = den.says("lb130")["light_state"]
    assert (state["on_off"], state["brightness"], state["hue"], state["color_temp"]) == (1, 45, 240, 0)
    assert house.done("set the den lb130 to 3000 kelvin")["new"] == 3000
    assert den.says("lb130")["light_state"]["color_temp"] == 3000
