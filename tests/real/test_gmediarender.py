"""gmediarender, a UPnP AV renderer on GStreamer: nothing about it is written down, its services say it all."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path
from typing import Any

import pytest

from tests.real.house import House
from tests.real.lan import Host, Lan
from tests.real.program import Program

pytestmark = [pytest.mark.real, pytest.mark.requires("netns", "gmediarender")]

PORT = 49494
UDN = "5a6f6f00-0000-4000-8000-000000000001"

# what the renderer itself says over SOAP, asked without any code of ours
ASK = """
import re, urllib.request
body = ('<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><u:{action} xmlns:u="{service}">'
        '<InstanceID>0</InstanceID>{more}</u:{action}></s:Body></s:Envelope>')
headers = {{"SOAPACTION": '"{service}#{action}"', "Content-Type": "text/xml"}}
request = urllib.request.Request("http://{address}:{port}{path}", body.encode(), headers)
print(urllib.request.urlopen(request, timeout=5).read().decode())
"""


class Renderer:
    """The renderer's machine."""

    def __init__(self, host: Host, folder: Path) -> None:
        self.host = host
        self.song = folder / "tone.wav"
        with wave.open(str(self.song), "wb") as tone:
            tone.setparams((1, 2, 8000, 0, "NONE", ""))
            tone.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(n / 3))) for n in range(8000 * 60)))
        self.program: Program = host.start(
            "gmediarender", "-I", "eth0", "-p", str(PORT), "-f", "Den Speaker", "-u", UDN, "--logfile", "stdout",
            "--gstout-audiopipe", "fakesink sync=true", "--gstout-videosink", "fakesink",
        )  # fmt: skip

    def call(self, service: str, action: str, more: str = "") -> str:
        """One SOAP call made on the machine itself."""
        path = "/upnp/control/render" + ("control1" if service == "RenderingControl" else "transport1")
        return self.host.python(
            ASK.format(
                service=f"urn:schemas-upnp-org:service:{service}:1", action=action, more=more,
                address=self.host.address, port=PORT, path=path,
            )
        )  # fmt: skip

    def says(self, what: str) -> str:
        """Its state now."""
        if what == "TransportState":
            answer = self.call("AVTransport", "GetTransportInfo")
            name = "CurrentTransportState"
        else:
            answer = self.call("RenderingControl", f"Get{what}", "<Channel>Master</Channel>")
            name = f"Current{what}"
        return answer.partition(f"<{name}>")[2].partition("<")[0]


@pytest.fixture(scope="module")
def renderer(network: Lan, tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    return Renderer(network.host("upnp"), tmp_path_factory.mktemp("music"))


@pytest.fixture(scope="module")
def adopted(house: House, renderer: Renderer) -> dict[str, Any]:
    device = house.device(lambda d: d["title"] == "Den Speaker")
    assert any(found.startswith("ssdp:") for found in device["found_by"])
    return house.adopt(device["id"])


def test_it_is_compiled_from_what_its_services_say(renderer: Renderer, adopted: dict[str, Any]) -> None:
    (thing,) = adopted["things"]
    assert (thing["title"], thing["capabilities"], thing["level"]) == ("Den Speaker", ["speaker"], 5)


def test_volume_and_mute(house: House, renderer: Renderer, adopted: dict[str, Any]) -> None:
    assert house.done("set the volume of the den speaker to 35")["new"] == 35
    assert renderer.says("Volume") == "35"
    assert house.done("mute the den speaker")["new"] is True
    assert renderer.says("Mute") == "1"
    assert house.done("unmute the den speaker")["new"] is False
    assert renderer.says("Mute") == "0"


def test_playing(house: House, renderer: Renderer, adopted: dict[str, Any]) -> None:
    renderer.call(
        "AVTransport",
        "SetAVTransportURI",
        f"<CurrentURI>{renderer.song.as_uri()}</CurrentURI><CurrentURIMetaData></CurrentURIMetaData>",
    )
    for text, new, state in (
        ("play the den speaker", "playing", "PLAYING"),
        ("pause the den speaker", "paused", "PAUSED_PLAYBACK"),
        ("stop the den speaker", "stopped", "STOPPED"),
    ):
        effect = house.done(text)
        assert (effect["property"], effect["new"]) == ("playback", new)
        assert renderer.says("TransportState") == state


def test_what_another_controller_does_is_heard(house: House, renderer: Renderer, adopted: dict[str, Any]) -> None:
    since = house.news.mark
    renderer.call("RenderingControl", "SetVolume", "<Channel>Master</Channel><DesiredVolume>12</DesiredVolume>")
    heard = house.reading(adopted["things"][0]["id"], "volume", 12, since=since)
    assert heard["source"] == "push"
