"""Adoption and read-back on the other wires: a HomeKit bridge, a broker, a UPnP renderer. None of them is ours."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiomqtt
import anyio
import pytest
from aiohttp import web

from claw.adapters import propose_hap, propose_mqtt, propose_upnp
from claw.bus import Bus
from claw.devices.adoption import Adoption, Compiler
from claw.devices.bindings import Bindings
from claw.devices.evidence import Given, HapEvidence, MqttEvidence, UpnpEvidence
from claw.devices.observing import Observing
from claw.devices.prove import Proof
from claw.devices.registry import Registry
from claw.devices.things import Things
from claw.errors import RedirectRefused
from claw.model.announcement import Announcement, Via
from claw.model.level import Level
from claw.protocols.hap import Hap
from claw.protocols.http import Http
from claw.protocols.mqtt import Mqtt
from claw.protocols.upnp import Upnp
from claw.state import State
from claw.store import Store
from tests.adapters import upnp_texts as texts
from tests.devices.conftest import TEST, Room
from tests.protocols.hap_zoo import zoo
from tests.protocols.mosquitto import PASSWORD, USER, mosquitto

CODE = "031-45-154"


@asynccontextmanager
async def wired(path: Path) -> AsyncIterator[tuple[Room, Adoption]]:
    """A house with every wire that describes its devices."""
    async with await Store.open(f"sqlite+aiosqlite:///{path / 'claw.db'}") as store:
        bus = Bus()
        state = State(bus)
        secrets = store.secrets
        web_, hap, mqtt = Http(secrets, timeout=2), Hap(secrets), Mqtt(secrets)
        bindings = Bindings({each.name: each for each in (web_, hap, mqtt, Upnp(secrets, timeout=2))})
        registry = Registry(store, bus, state, bindings, dict)
        await registry.load()
        things = Things(registry, bindings, state, bus, store.changes)
        adoption = Adoption(
            registry,
            bindings,
            secrets,
            Proof(registry, things),
            (
                Compiler(HapEvidence(hap), propose_hap.propose),
                Compiler(UpnpEvidence(web_), propose_upnp.propose),
                Compiler(MqttEvidence(mqtt, secrets), propose_mqtt.propose),
            ),
        )
        async with anyio.create_task_group() as group:
            await group.start(mqtt.run)
            await group.start(Observing(registry, things, bindings, bus).run)
            yield Room(store, bus, state, bindings, registry, things), adoption
            group.cancel_scope.cancel()
        await bindings.aclose()


async def test_a_homekit_bridge_is_paired_compiled_proved_and_driven(tmp_path: Path) -> None:
    async with zoo(tmp_path) as bridge, wired(tmp_path) as (room, adoption):
        fields = {"id": "11:22:33:44:55:66", "sf": "1", "ci": "2"}
        heard = Announcement(Via.MDNS, "_hap._tcp", "Zoo", ("127.0.0.1",), bridge.port, fields)
        device = await room.registry.meet(heard, TEST)
        assert device is not None
        asked = await adoption.adopt(device.id, consent=True, context=TEST)
        assert asked.things == ()
        assert asked.asked == ("Give me the eight-digit set-up code that is printed on Zoo (like 123-45-678).",)
        wrong = await adoption.adopt(device.id, consent=True, code="111-22-333", context=TEST)
        assert wrong.asked != ()
        result = await adoption.adopt(device.id, consent=True, code=CODE, context=TEST)
        by_kind = {thing.capabilities[0]: thing for thing in result.things}
        assert by_kind["light"].level is Level.WRITE_READ_BACK
        assert by_kind["thermostat"].level is Level.LIVE_READ
        cover = by_kind["cover"]
        with anyio.fail_after(30):
            effect = await room.things.get(cover.id).write("position", 60, TEST, confirmed=True)
        assert (effect.verified, effect.new) == (True, 60)
        # adopting again needs no code: the pairing is kept
        again = await adoption.adopt(device.id, consent=False, context=TEST)
        assert {thing.id for thing in again.things} == {thing.id for thing in result.things}


async def test_an_accessory_of_another_home_says_so(tmp_path: Path) -> None:
    async with wired(tmp_path) as (room, adoption):
        fields = {"id": "11:22:33:44:55:67", "sf": "0"}
        await room.registry.meet(Announcement(Via.MDNS, "_hap._tcp", "Theirs", ("127.0.0.1",), 9, fields), TEST)
        result = await adoption.adopt("theirs", consent=True, context=TEST)
    assert result.asked[0].startswith("Theirs is already paired with another controller.")


CONFIG = {
    "name": "Desk lamp",
    "uniq_id": "desk1",
    "stat_t": "desk/state",
    "cmd_t": "desk/set",
    "dev": {"identifiers": ["desk"], "name": "Desk"},
}


@pytest.mark.requires("mosquitto")
async def test_a_broker_that_wants_a_login_and_a_lamp_that_only_remembers(tmp_path: Path) -> None:
    async with (
        mosquitto(tmp_path, locked=True) as where,
        wired(tmp_path) as (room, adoption),
        aiomqtt.Client("127.0.0.1", where.port, username=USER, password=PASSWORD) as lamp,
    ):
        await lamp.publish("homeassistant/light/desk1/config", json.dumps(CONFIG), retain=True)
        obeys = True

        async def live() -> None:
            await lamp.subscribe("desk/set")
            ready.set()
            async for message in lamp.messages:
                if obeys:
                    await lamp.publish("desk/state", message.payload)

        ready = anyio.Event()
        async with anyio.create_task_group() as group:
            group.start_soon(live)
            await ready.wait()
            url = f"mqtt://127.0.0.1:{where.port}"
            asked = await adoption.adopt(url, consent=False, context=TEST)
            assert asked.things == ()
            assert "user:password" in asked.asked[0]
            [thing] = (await adoption.adopt(url, consent=False, secret=f"{USER}:{PASSWORD}", context=TEST)).things
            # nobody has said anything on its topic yet: that is no fault of it
            assert (thing.title, thing.level) == ("Desk lamp", Level.CODEC_LAW)
            desk = room.things.get(thing.id)
            on = await desk.write("on_off", value=True, context=TEST, confirmed=True)
            assert (on.verified, on.new) == (True, True)
            assert desk.thing.level is Level.WRITE_READ_BACK  # it answered this very order
            # the last word on the topic is ON: with nobody there to repeat it, it is no proof
            obeys = False
            stale = await desk.write("on_off", value=True, context=TEST, confirmed=True)
            assert not stale.verified
            assert stale.problem == "Desk lamp took the order, but has not said what it did."
            still = await desk.write("on_off", value=False, context=TEST, confirmed=True)
            assert not still.verified
            obeys = True
            off = await desk.write("on_off", value=False, context=TEST, confirmed=True)
            assert (off.verified, off.old, off.new) == (True, True, False)
            group.cancel_scope.cancel()


class Renderer:
    """A UPnP speaker: description, two services, and SOAP answers by name."""

    def __init__(self) -> None:
        self.said = {"CurrentVolume": "20", "CurrentMute": "0", "CurrentTransportState": "STOPPED"}
        self.location = ""

    async def answer(self, request: web.Request) -> web.Response:
        path = request.path
        if path == "/root.xml":
            return web.Response(text=texts.description("RenderingControl", "AVTransport"), content_type="text/xml")
        if path.endswith(".xml"):
            made = texts.rendering_control() if "Rendering" in path else texts.av_transport()
            return web.Response(text=made, content_type="text/xml")
        action = request.headers["SOAPACTION"].strip('"').rpartition("#")[2]
        body = await request.text()
        if wanted := re.search(r"<DesiredVolume>(\d+)<", body):
            self.said["CurrentVolume"] = wanted[1]
        if action == "Play":
            self.said["CurrentTransportState"] = "PLAYING"
        out = "".join(f"<{key}>{value}</{key}>" for key, value in self.said.items())
        return web.Response(
            text='<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
            f'<u:{action}Response xmlns:u="urn:x">{out}</u:{action}Response></s:Body></s:Envelope>',
            content_type="text/xml",
        )


@pytest.fixture
async def renderer() -> AsyncIterator[Renderer]:
    made = Renderer()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.location = f"http://127.0.0.1:{runner.addresses[0][1]}/root.xml"
    yield made
    await runner.cleanup()


def told(location: str, **more: Any) -> Announcement:
    udn = "uuid:2f402f80-da50-11e1-9b23-001788255acc"
    port = urlsplit(location).port or 0
    kind = "upnp:rootdevice"
    fields = {"usn": f"{udn}::upnp:rootdevice", **more}
    return Announcement(Via.SSDP, kind, "Living Room", ("127.0.0.1",), port, fields, location)


async def test_a_upnp_renderer_is_compiled_and_plays(tmp_path: Path, renderer: Renderer) -> None:
    async with wired(tmp_path) as (room, adoption):
        device = await room.registry.meet(told(renderer.location), TEST)
        assert device is not None
        [thing] = (await adoption.adopt(device.id, consent=True, context=TEST)).things
        assert (thing.title, thing.capabilities, thing.level) == ("Living Room", ("speaker",), 5)
        assert renderer.said["CurrentVolume"] == "20"
        speaker = room.things.get(thing.id)
        assert (await speaker.write("volume", 35, TEST)).verified
        effect = await speaker.invoke("play", {}, TEST)
        assert effect is not None
        assert (effect.property, effect.old, effect.new, effect.verified) == ("playback", "stopped", "playing", True)
        assert await speaker.invoke("next", {}, TEST) is None


async def test_a_description_elsewhere_is_not_read(tmp_path: Path) -> None:
    async with wired(tmp_path) as (room, _adoption):
        heard = told("http://192.0.2.1:80/root.xml")
        device = await room.registry.meet(heard, TEST)
        assert device is not None
        web_ = room.bindings["http"]
        assert isinstance(web_, Http)
        evidence = UpnpEvidence(web_)
        assert evidence.hears(device) == heard
        with pytest.raises(RedirectRefused, match="points at another machine"):
            await evidence.gather(device, heard, Given())
