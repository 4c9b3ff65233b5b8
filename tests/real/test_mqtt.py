"""A room's controller behind mosquitto, announced as Home Assistant wants it, by a library for such devices."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.real.house import House
from tests.real.lan import Host, Lan
from tests.real.program import Program
from tests.support import programs

pytestmark = [
    pytest.mark.real,
    pytest.mark.requires("netns", "mosquitto", "mosquitto_passwd", "ha-mqtt-discoverable"),
]

SCRIPT = str(Path(__file__).parent / "devices" / "mqtt_room.py")
USER, PASSWORD = "anna", "garden gate"
LOGIN = f"{USER}:{PASSWORD}"


def broker(host: Host, folder: Path) -> None:
    """A mosquitto that wants a login."""
    login = folder / "passwd"
    subprocess.run([programs.find("mosquitto_passwd") or "", "-b", "-c", str(login), USER, PASSWORD], check=True)
    config = folder / "mosquitto.conf"
    config.write_text(
        f"listener 1883 {host.address}\npersistence false\nuser root\nallow_anonymous false\npassword_file {login}\n"
    )
    host.start(programs.find("mosquitto") or "", "-c", str(config)).expect("running")


def room(host: Host) -> Program:
    """The controller, when it has announced everything."""
    python = str(programs.devices() / "mqtt" / "bin" / "python")
    program = host.start(python, SCRIPT, host.address, "1883", USER, PASSWORD)
    program.expect("^ready$")
    return program


@pytest.fixture(scope="module")
def controller(network: Lan, tmp_path_factory: pytest.TempPathFactory) -> tuple[Host, Program]:
    host = network.host("room")
    broker(host, tmp_path_factory.mktemp("broker"))
    return host, room(host)


@pytest.fixture(scope="module")
def adopted(house: House, controller: tuple[Host, Program]) -> dict[str, Any]:
    url = f"mqtt://{controller[0].address}"
    for words, line in (
        ((), "wants a login; give it as user:password."),
        (("--secret", f"{USER}:letmein"), "does not accept that login; give the right one as user:password."),
    ):
        assert house.asked(url, *words) == f"{controller[0].address} {line}"
    return house.adopt(url, "--secret", LOGIN)


@pytest.fixture
def program(controller: tuple[Host, Program]) -> Program:
    return controller[1]


def order(house: House, text: str) -> dict[str, Any]:
    """An order to a thing that nobody has seen obey: it is asked about, and one yes is enough."""
    asked = house.ask(text)
    assert (asked["asked"], asked["effects"]) == (True, [])
    return house.done("yes")


def test_what_keeps_no_state_is_not_claimed_to_be_proved(adopted: dict[str, Any]) -> None:
    # its state topics are not retained: nothing is known of it until something changes
    assert {(thing["title"], thing["capabilities"][0], thing["level"]) for thing in adopted["things"]} == {
        ("Garden Room Ceiling lamp", "light", 2),
        ("Garden Room Blind", "cover", 2),
        ("Garden Room Pump", "switch", 2),
        ("Garden Room Target temperature", "sensor", 2),
        ("Garden Room Temperature", "sensor", 2),
    }


def test_a_light(house: House, program: Program, adopted: dict[str, Any]) -> None:
    since = program.mark
    assert order(house, "turn on the ceiling lamp")["new"] is True
    program.expect('^light .*"state": ?"ON"', since=since)
    assert house.done("dim the ceiling lamp to 40%")["new"] == pytest.approx(40, abs=0.5)
    program.expect('^light .*"brightness": ?102', since=since)
    assert house.done("turn off the ceiling lamp")["new"] is False


def test_a_blind_is_open_when_it_has_stopped_moving(house: House, program: Program, adopted: dict[str, Any]) -> None:
    since = program.mark
    assert order(house, "open the blind")["new"] == 100
    program.expect("^blind is open$", since=since, seconds=0.1)
    assert house.done("close the blind")["new"] == 0
    program.expect("^blind is closed$", since=since, seconds=0.1)


def test_a_switch(house: House, program: Program, adopted: dict[str, Any]) -> None:
    since = program.mark
    assert order(house, "turn on the pump")["new"] is True
    program.expect("^pump ON$", since=since)
    assert house.done("turn off the pump")["new"] is False
    program.expect("^pump OFF$", since=since)


def test_a_sensor_is_heard(house: House, program: Program, adopted: dict[str, Any]) -> None:
    since = house.news.mark
    program.tell("temperature 23.5")
    assert house.reading("garden-room-temperature", "temperature", 23.5, since=since)["source"] == "push"
    assert "23.5" in house.ask("what is the garden room temperature?")["reply"]
