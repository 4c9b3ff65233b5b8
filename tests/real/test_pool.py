"""nodejs-poolController as a pool and spa of its own (Nixie): bodies, circuits, a heater, and no serial line."""

from __future__ import annotations

import json
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.real.house import House
from tests.real.lan import Host, Lan
from tests.real.program import Program
from tests.support import programs

pytestmark = [pytest.mark.real, pytest.mark.requires("netns", "node", "npm:nodejs-poolcontroller")]

SETUP = str(Path(__file__).parent / "devices" / "pool.py")
PORT = 4200


def start(host: Host, folder: Path) -> tuple[Program, Program]:
    """The controller, in a copy of its own since it writes beside itself, and the program that sets it up."""
    home = folder / "pool"
    shutil.copytree(programs.devices() / "pool", home, symlinks=True, ignore=shutil.ignore_patterns("node_modules"))
    (home / "node_modules").symlink_to(programs.devices() / "node_modules")
    config = json.loads((home / "defaultConfig.json").read_text("utf-8-sig"))
    config["controller"]["comms"] |= {"enabled": False, "inactivityRetry": 0}  # no serial port
    config["web"]["servers"]["http"] |= {"ip": host.address, "port": PORT}
    for finder in ("ssdp", "mdns"):
        config["web"]["servers"][finder]["enabled"] = True
    (home / "config.json").write_text(json.dumps(config))
    program = host.start("node", "dist/app.js", folder=home)
    return program, host.start(sys.executable, SETUP, host.address, str(PORT))


class Panel:
    """The controller's machine."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.program, self.setup = start(host, folder)

    def says(self, word: str) -> Any:
        """A part of its state, asked on the machine itself."""
        url = f"http://{self.host.address}:{PORT}/state/all"
        state = json.loads(self.host.python(f"import urllib.request as r; print(r.urlopen('{url}').read().decode())"))
        kind, name = word.split("/")
        rows = state["temps"]["bodies"] if kind == "body" else state[kind]
        return next(row for row in rows if row["name"] == name)


@pytest.fixture(scope="module")
def panel(network: Lan, tmp_path_factory: pytest.TempPathFactory) -> Panel:
    return Panel(network.host("pool"), tmp_path_factory.mktemp("pool"))


@pytest.fixture(scope="module")
def adopted(house: House, panel: Panel) -> dict[str, Any]:
    panel.setup.expect("^ready$", seconds=60)
    device = house.device(lambda d: any(found.endswith("PoolController:1") for found in d["found_by"]))
    return house.adopt(device["id"])


def ordered(house: House, text: str) -> dict[str, Any]:
    """An order; the first one to a thing that moves water is asked about, and heat each time, by code."""
    reply = house.ask(text)
    if reply["asked"]:
        code = re.search(r"YES \d{4}", reply["reply"])
        return house.done(code[0] if code else "yes")
    (effect,) = reply["effects"]
    assert effect["verified"]
    return dict(effect)


def test_bodies_and_circuits_are_things_that_are_read_and_never_tried(adopted: dict[str, Any]) -> None:
    assert {(thing["title"], thing["capabilities"][0], thing["level"]) for thing in adopted["things"]} == {
        ("Pool", "pool", 4),
        ("Spa", "pool", 4),
        ("Waterfall", "circuit", 4),
        ("Bubbler", "circuit", 4),
    }


@pytest.mark.parametrize(("name", "kind"), [("Waterfall", "circuits"), ("Bubbler", "features")])
def test_a_circuit(house: House, panel: Panel, adopted: dict[str, Any], name: str, kind: str) -> None:
    assert ordered(house, f"turn on the {name}")["new"] is True
    assert panel.says(f"{kind}/{name}")["isOn"] is True
    assert ordered(house, f"turn off the {name}")["new"] is False
    assert not panel.says(f"{kind}/{name}").get("isOn")


def test_a_set_point_and_its_limit(house: House, panel: Panel, adopted: dict[str, Any]) -> None:
    assert ordered(house, "set the pool to 28 degrees")["new"] == pytest.approx(28, abs=0.3)
    assert panel.says("body/Pool")["setPoint"] == 82  # Fahrenheit, in whole degrees
    refused = house.ask("set the pool to 130 degrees")  # the panel itself would take it
    assert refused["effects"] == []
    assert "5 to 40" in refused["reply"]
    assert panel.says("body/Pool")["setPoint"] == 82


def test_the_water_is_measured_while_it_runs(house: House, panel: Panel, adopted: dict[str, Any]) -> None:
    assert "does not say" in house.ask("what is the spa temperature?")["reply"]
    since = house.news.mark
    assert ordered(house, "turn on the spa")["new"] is True
    panel.setup.tell("86")
    house.reading("spa", "water_temperature", 30.0, since=since, seconds=30)
    assert "30" in house.ask("what is the spa temperature?")["reply"]
    assert ordered(house, "turn off the spa")["new"] is False
    assert not panel.says("body/Spa").get("isOn")
