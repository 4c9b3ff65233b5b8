"""The example accessories of hap-nodejs, the library behind Homebridge: a light, and an air conditioner."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.real.house import House
from tests.real.lan import Lan
from tests.real.program import Program
from tests.support import programs

pytestmark = [pytest.mark.real, pytest.mark.requires("netns", "node", "npm:hap-nodejs")]

SCRIPT = str(Path(__file__).parent / "devices" / "hap_nodejs.js")
CODE = "031-45-154"  # as their source has it


@pytest.fixture(scope="module")
def accessories(network: Lan, tmp_path_factory: pytest.TempPathFactory) -> Program:
    host = network.host("node")
    program = host.start(
        "node", SCRIPT, host.address, "51830", "Light", "AirConditioner",
        folder=tmp_path_factory.mktemp("hap"), env={"CLAW_TEST_DEVICES": str(programs.devices())},
    )  # fmt: skip
    program.expect("AirConditioner published")
    return program


@pytest.fixture(scope="module")
def light(house: House, accessories: Program) -> dict[str, Any]:
    device = house.device(lambda d: d["title"].startswith("Simple Light"))
    return house.adopt(device["id"], "--code", CODE)


@pytest.fixture(scope="module")
def conditioner(house: House, accessories: Program) -> dict[str, Any]:
    device = house.device(lambda d: d["title"].startswith("Air Conditioner"))
    return house.adopt(device["id"], "--code", CODE)


def test_a_light_that_says_0_and_1(house: House, accessories: Program, light: dict[str, Any]) -> None:
    (thing,) = light["things"]
    assert (thing["capabilities"], thing["level"]) == (["light"], 5)
    since = accessories.mark
    assert house.done("turn on the simple light")["new"] is True
    accessories.expect("Turning the 'Simple Light' on", since=since)
    assert house.done("dim the simple light to 30%")["new"] == 30
    accessories.expect("Setting 'Simple Light' brightness to 30", since=since)
    assert house.done("make the simple light blue")["new"]["hue"] == 240
    accessories.expect("Setting 'Simple Light' hue to 240", since=since)
    assert house.done("turn off the simple light")["new"] is False
    accessories.expect("Turning the 'Simple Light' off", since=since)


def test_an_air_conditioner_without_its_hidden_light(
    house: House, accessories: Program, conditioner: dict[str, Any]
) -> None:
    levels = {thing["title"]: (thing["capabilities"], thing["level"]) for thing in conditioner["things"]}
    assert levels == {
        "Air Conditioner": (["thermostat"], 4),
        "Blower": (["fan"], 4),
    }
    since = accessories.mark
    house.ask("set the air conditioner to 22")
    assert house.done("yes")["new"] == 22
    accessories.expect("TargetTemperature changed to 22", since=since)
    house.ask("turn on the blower")
    assert house.done("yes")["new"] is True
    accessories.expect("Fan Power Changed To (1|true)", since=since)
