"""Adoption of a lamp on a real socket: matched, unlocked, expanded, proved, kept; and said why when not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import anyio
import pytest
from aiohttp import web

from claw.adapters.adapter import Adapter
from claw.adapters.document import parse
from claw.devices.adoption import Adopted, Adoption, Compiler
from claw.devices.evidence import UpnpEvidence
from claw.devices.prove import Proof
from claw.errors import NotFound, UsageError
from claw.model.announcement import Announcement, Via
from claw.model.events import ThingAdded, ThingChanged
from claw.model.level import Level
from claw.model.thing import Area
from claw.protocols.http import Http
from tests.devices.conftest import TEST, Room
from tests.devices.lamp import Lamp, document, plugged_in


def adoption(room: Room, *documents: dict[str, Any], compilers: Sequence[Compiler] = ()) -> Adoption:
    shipped: dict[str, Adapter] = {(made := parse(each)).id: made for each in documents or (document(),)}
    room.registry._shipped = lambda: shipped
    room.registry._adapters = dict(shipped)
    return Adoption(room.registry, room.bindings, room.store.secrets, Proof(room.registry, room.things), compilers)


async def adopt(room: Room, lamp: Lamp, *, consent: bool = True, **more: Any) -> Adopted:
    device = await room.registry.meet(lamp.announcement(), TEST)
    assert device is not None
    return await adoption(room).adopt(device.id, consent=consent, context=TEST, **more)


async def test_a_matching_lamp_is_proved_by_experiment_and_left_as_it_was(room: Room, lamp: Lamp) -> None:
    await room.registry.put_area(Area("hall", "Hall"))
    before = dict(lamp.state)
    said: list[str] = []
    with room.bus.subscribe(ThingAdded) as added:
        result = await adopt(room, lamp, progress=said.append)
        assert (await added.next()).thing == "hall-lamp"
    [thing] = result.things
    assert (thing.id, thing.title, thing.area, thing.level) == (
        "hall-lamp",
        "Hall lamp",
        "hall",
        Level.WRITE_READ_BACK,
    )
    assert result.asked == ()
    assert {receipt.level for receipt in result.receipts} == {0, 1, 2, 4, 5}
    assert all(receipt.passed for receipt in result.receipts)
    assert lamp.state == before
    assert said == ["Trying Lamp", "Proving Hall lamp"]
    assert room.registry.things["hall-lamp"] == thing
    effect = await room.things.get("hall-lamp").write("on_off", value=True, context=TEST)
    assert effect.verified


async def test_without_consent_nothing_is_written(room: Room, lamp: Lamp) -> None:
    [thing] = (await adopt(room, lamp, consent=False)).things
    assert thing.level is Level.LIVE_READ
    assert not [request for request in lamp.requests if request.startswith("PUT")]


async def test_adopting_again_proves_again_and_keeps_what_people_changed(room: Room, lamp: Lamp) -> None:
    await adopt(room, lamp, consent=False)
    await room.registry.put_area(Area("attic", "Attic"))
    await room.registry.rename("hall-lamp", "Reading lamp", TEST)
    await room.registry.set_area("hall-lamp", "attic", TEST)
    [again] = (await adoption(room).adopt("reading lamp", consent=True, context=TEST)).things
    assert (again.id, again.title, again.area, again.level) == ("hall-lamp", "Reading lamp", "attic", 5)
    assert list(room.registry.things) == ["hall-lamp"]


async def test_adoption_by_address(room: Room, lamp: Lamp) -> None:
    result = await adoption(room).adopt(f"http://127.0.0.1:{lamp.port}", consent=False, context=TEST)
    assert [thing.level for thing in result.things] == [Level.LIVE_READ]
    # who it is was learnt on the way: when it announces itself, it is the same device
    device = await room.registry.meet(lamp.announcement(), TEST)
    assert device is not None
    assert room.registry.things[result.things[0].id].device_id == device.id


async def test_a_lamp_that_does_not_obey_is_kept_at_level_4(room: Room, lamp: Lamp) -> None:
    lamp.accept = lambda _key, _value: None
    quick = {"claw:verify": {"settle": 0.05}}
    made = document()
    for each in made["properties"].values():
        each.update(quick)
    device = await room.registry.meet(lamp.announcement(), TEST)
    assert device is not None
    result = await adoption(room, made).adopt(device.id, consent=True, context=TEST)
    assert result.things[0].level is Level.LIVE_READ
    assert not all(receipt.passed for receipt in result.receipts)


async def test_nothing_fits_is_one_line_with_what_was_tried(room: Room, lamp: Lamp) -> None:
    lamp.fault = lambda request: web.json_response({"product": "kettle"}) if request.path == "/info" else None
    compilers = (Compiler(UpnpEvidence(_web(room)), lambda _evidence: []),)
    with pytest.raises(NotFound) as caught:
        await adoption(room, compilers=compilers).adopt(f"127.0.0.1:{lamp.port}", consent=True, context=TEST)
    assert str(caught.value) == (
        "Nothing drives 127.0.0.1 at 127.0.0.1 yet. Tried: Lamp (does not answer like one); UPnP (not announced)."
    )
    assert not room.registry.things


async def test_a_printer_is_named_and_left_alone(room: Room) -> None:
    printer = Announcement(Via.MDNS, "_ipp._tcp", "LaserJet", ("127.0.0.1",), 631)
    device = await room.registry.meet(printer, TEST)
    assert device is not None
    with pytest.raises(UsageError, match="LaserJet is a printer"):
        await adoption(room).adopt("laserjet", consent=True, context=TEST)


LOCKED = {
    "claw:credential": {
        "in": "header",
        "name": "X-Key",
        "ask": "Press the button on the lamp, then answer yes.",
        "obtain": {"href": "/pair", "htv:methodName": "POST", "claw:body": {"who": "claw"}, "claw:select": "key"},
    }
}


async def test_a_key_that_the_lamp_hands_out(room: Room, lamp: Lamp) -> None:
    pressed = False

    def locked(request: web.Request) -> web.Response | None:
        if request.path == "/pair":
            return web.json_response({"key": "s3cret"} if pressed else {"error": "button not pressed"})
        if request.path != "/info" and request.headers.get("X-Key") != "s3cret":
            return web.Response(status=401)
        return None

    lamp.fault = locked
    device = await room.registry.meet(lamp.announcement(), TEST)
    assert device is not None
    made = adoption(room, document(**LOCKED))
    asked = await made.adopt(device.id, consent=True, context=TEST)
    assert (asked.things, asked.asked) == ((), ("Press the button on the lamp, then answer yes.",))
    pressed = True
    done = await made.adopt(device.id, consent=True, context=TEST)
    assert [thing.level for thing in done.things] == [Level.WRITE_READ_BACK]
    assert await room.store.secrets.get(f"http:{device.id}") == "s3cret"
    assert not any("s3cret" in receipt.detail for receipt in done.receipts)


async def test_a_key_that_a_person_types(room: Room, lamp: Lamp) -> None:
    lamp.fault = lambda request: (
        web.Response(status=401) if request.path != "/info" and request.headers.get("X-Key") != "right" else None
    )
    device = await room.registry.meet(lamp.announcement(), TEST)
    assert device is not None
    made = adoption(room, document(**{"claw:credential": {"in": "header", "name": "X-Key", "ask": "Type the key."}}))
    assert (await made.adopt(device.id, consent=True, context=TEST)).asked == ("Type the key.",)
    assert (await made.adopt(device.id, consent=True, context=TEST, secret="wrong")).asked != ()
    assert (await made.adopt(device.id, consent=True, context=TEST, secret="right")).things


async def test_a_bridge_becomes_several_things(room: Room, lamp: Lamp) -> None:
    lamp.state["lamps"] = {"1": {"name": "Kitchen ceiling", "on": True}, "2": {"name": "Hall\nlamp", "on": False}}
    bridge = document()
    bridge.pop("properties")
    bridge.pop("links")
    bridge["claw:units"] = {
        "light": {
            "links": [{"rel": "tm:extends", "href": "claw:switch", "type": "application/tm+json"}],
            "claw:expand": {
                "href": "/state",
                "claw:select": "items(lamps)",
                "unit": "[0]",
                "title": "[1].name",
                "vars": {"lamp": "[0]"},
            },
            "properties": {
                "on_off": {"forms": [{"op": "readproperty", "href": "/state", "claw:select": 'lamps."{lamp}".on'}]}
            },
        }
    }
    device = await room.registry.meet(lamp.announcement(), TEST)
    assert device is not None
    result = await adoption(room, bridge).adopt(device.id, consent=False, context=TEST)
    assert [(thing.id, thing.unit) for thing in result.things] == [("kitchen-ceiling", "1"), ("hall-lamp", "2")]
    assert room.state.of("kitchen-ceiling")["on_off"].value is True
    assert room.state.of("hall-lamp")["on_off"].value is False


async def test_the_canary_notices_a_changed_firmware_and_a_healed_one(room: Room, lamp: Lamp) -> None:
    await adopt(room, lamp)
    proof = Proof(room.registry, room.things)
    assert await proof.canary("hall-lamp", TEST) == ()
    lamp.state["bri"] = {"level": 20}
    [drift] = await proof.canary("hall-lamp", TEST)
    assert (drift.property, drift.passed) == ("brightness", False)
    assert room.registry.things["hall-lamp"].level < Level.LIVE_READ
    lamp.state["bri"] = 20
    assert await proof.canary("hall-lamp", TEST) == ()
    assert room.registry.things["hall-lamp"].level is Level.WRITE_READ_BACK


async def test_the_canary_makes_its_rounds(room: Room, lamp: Lamp) -> None:
    await adopt(room, lamp)
    lamp.state["on"] = "perhaps"
    with room.bus.subscribe(ThingChanged) as changed, anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            proof = Proof(room.registry, room.things)
            group.start_soon(lambda: proof.run(every=0.01))
            await changed.next()
            group.cancel_scope.cancel()
    assert room.registry.things["hall-lamp"].level < Level.LIVE_READ
    lamp.state["on"] = False
    receipts = await adoption(room).reverify("hall-lamp", TEST)
    assert all(receipt.passed for receipt in receipts)
    assert room.registry.things["hall-lamp"].level is Level.WRITE_READ_BACK


async def test_a_canary_that_finds_nobody_blames_nobody(room: Room) -> None:
    async with plugged_in(Lamp()) as lamp:
        await adopt(room, lamp)
    assert await Proof(room.registry, room.things).canary("hall-lamp", TEST) == ()
    assert room.registry.things["hall-lamp"].level is Level.WRITE_READ_BACK


async def test_a_persons_order_that_is_seen_to_work_is_a_proof(room: Room, lamp: Lamp) -> None:
    await adopt(room, lamp, consent=False)
    thing = room.things.get("hall-lamp")
    await thing.write("on_off", value=False, context=TEST, confirmed=True)  # changed nothing: proves nothing
    assert thing.thing.level is Level.LIVE_READ
    await thing.write("on_off", value=True, context=TEST, confirmed=True)
    assert thing.thing.level is Level.WRITE_READ_BACK
    assert thing.thing.receipts[-1].detail == "ordered on, read back on"
    await thing.write("on_off", value=False, context=TEST)


def _web(room: Room) -> Http:
    web_ = room.bindings["http"]
    assert isinstance(web_, Http)
    return web_
