"""Cameras of gst-rtsp-server: one that anybody may see, one with a basic login and one with a digest login."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.real.house import House
from tests.real.lan import Lan
from tests.real.program import Program

pytestmark = [pytest.mark.real, pytest.mark.requires("netns", "gst-rtsp-server"), pytest.mark.xdist_group("rtsp")]

SCRIPT = str(Path(__file__).parent / "devices" / "rtsp_camera.py")
LOGIN = ("viewer", "correct horse")


def camera(network: Lan, name: str, *login: str, port: str = "8554") -> tuple[str, Program]:
    """A camera on a machine of its own, and where its picture is."""
    host = network.host(name)
    program = host.start("/usr/bin/python3", SCRIPT, host.address, port, "door", *login)
    program.expect("^ready$")
    return f"rtsp://{host.address}:{port}/door", program


def test_an_open_camera_on_the_usual_port(house: House, network: Lan) -> None:
    address, _ = camera(network, "open", port="554")
    (thing,) = house.adopt(address.replace(":554", ""))["things"]
    assert (thing["capabilities"], thing["level"]) == (["camera"], 4)
    house.reading(thing["id"], "stream", "/door")


def test_a_path_that_is_not_there(house: House, network: Lan) -> None:
    address, _ = camera(network, "lost")
    code, _, err = house.say("adopt", f"{address}way", "--yes")
    assert code != 0
    assert "has no stream at /doorway" in err


@pytest.mark.parametrize("kind", ["basic", "digest"])
def test_a_camera_with_a_login(house: House, network: Lan, kind: str) -> None:
    address, _ = camera(network, kind, kind, *LOGIN)
    assert "--secret user:password" in house.asked(address)
    assert "wrong" not in house.asked(address)
    assert "does not accept that login" in house.asked(address, "--secret", "viewer:wrong")
    (thing,) = house.adopt(address, "--secret", ":".join(LOGIN))["things"]
    assert (thing["capabilities"], thing["level"]) == (["camera"], 4)
    house.reading(thing["id"], "stream", "/door")
