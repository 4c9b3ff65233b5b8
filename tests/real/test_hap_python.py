"""A HomeKit bridge that runs HAP-python: a light, a thermostat, and a shade that takes its time."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.real.house import House
from tests.real.lan import Host, Lan
from tests.real.program import Program

pytestmark = [pytest.mark.real, pytest.mark.requires("netns")]

BRIDGE = str(Path(__file__).parent / "devices" / "hap_bridge.py")
CODE = "031-45-154"


@dataclass
class Bridge:
    """The bridge's machine, its program, and where it remembers its pairing."""

    host: Host
    state: Path
    program: Program
    device: dict[str, Any]
    adopted: dict[str, Any]

    def thing(self, capability: str) -> dict[str, Any]:
        """The thing of that capability."""
        found: dict[str, Any] = next(t for t in self.adopted["things"] if capability in t["capabilities"])
        return found


def start(host: Host, state: Path) -> Program:
    """Switch the bridge on."""
    return host.start(sys.executable, BRIDGE, host.address, "51826", CODE, str(state))


@pytest.fixture(scope="module")
def bridge(network: Lan, house: House, tmp_path_factory: pytest.TempPathFactory) -> Bridge:
    host = network.host("hap")
    state = tmp_path_factory.mktemp("hap") / "state"
    program = start(host, state)
    device = house.device(lambda d: "mdns:_hap._tcp" in d["found_by"])
    # a wrong code is one line that says what to do, and leaves the accessory willing
    assert "set-up code" in house.asked(device["id"], "--code", "111-22-333")
    return Bridge(host, state, program, device, house.adopt(device["id"], "--code", CODE))


def test_it_is_found_paired_and_proved(bridge: Bridge) -> None:
    assert bridge.device["title"].startswith("Upstairs Bridge")
    levels = {thing["title"]: thing["level"] for thing in bridge.adopted["things"]}
    # what heats is read, never tried
    assert levels == {"Hall Light": 5, "Thermostat": 4, "Bedroom Shade": 5}
    assert bridge.adopted["asked"] == []


def test_a_light(house: House, bridge: Bridge) -> None:
    since = bridge.program.mark
    effect = house.done("turn on the hall light")
    assert (effect["property"], effect["new"]) == ("on_off", True)
    bridge.program.expect(r"^Hall Light On (1|True)$", since=since)
    assert house.done("set the hall light to 70%")["new"] == 70
    bridge.program.expect("^Hall Light Brightness 70$", since=since)
    assert house.done("turn off the hall light")["new"] is False


def test_a_thermostat(house: House, bridge: Bridge) -> None:
    since = bridge.program.mark
    asked = house.ask("set the thermostat to 22")
    assert (asked["asked"], asked["effects"]) == (True, [])  # nobody has seen it obey yet
    effect = house.done("yes")
    assert (effect["property"], effect["new"]) == ("target_temperature", 22)
    bridge.program.expect("^Thermostat TargetTemperature 22", since=since)
    assert house.done("set the thermostat to 21.5")["new"] == 21.5  # now somebody has
    bridge.program.expect("^Thermostat TargetTemperature 21.5", since=since)
    assert "19.5" in house.ask("what is the temperature of the thermostat?")["reply"]


def test_a_shade_is_done_when_it_is_there(house: House, bridge: Bridge) -> None:
    since = bridge.program.mark
    assert house.done("open the bedroom shade")["new"] == 100
    bridge.program.expect("^Bedroom Shade is 100$", since=since, seconds=0.1)
    assert house.done("close the bedroom shade halfway")["new"] == 50
    bridge.program.expect("^Bedroom Shade is 50$", since=since, seconds=0.1)


def test_what_happens_at_the_device_is_heard(house: House, bridge: Bridge) -> None:
    since = house.news.mark
    bridge.program.tell("Thermostat CurrentTemperature 23.5")
    heard = house.reading(bridge.thing("thermostat")["id"], "temperature", 23.5, since=since)
    assert heard["source"] == "push"
    bridge.program.tell("Hall Light Brightness 12")
    house.reading(bridge.thing("light")["id"], "brightness", 12, since=since)


def test_it_is_followed_to_another_address(house: House, bridge: Bridge) -> None:
    bridge.program.stop(kill=True)  # no goodbye: somebody pulled the plug
    bridge.host.move("10.77.0.99")
    reply = house.ask("turn on the hall light")
    assert "does not answer" in reply["reply"]
    assert reply["effects"][0]["verified"] is False
    assert reply["effects"][0]["ms"] < 5000
    bridge.program = start(bridge.host, bridge.state)
    house.device(lambda d: d["id"] == bridge.device["id"] and d["hosts"][0] == "10.77.0.99")
    assert house.done("turn on the hall light")["new"] is True
    bridge.program.expect("^Hall Light On")
