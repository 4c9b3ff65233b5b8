"""The registry: one device however it was heard, followed to new addresses, kept over restarts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claw.devices.discovery import crowd
from claw.devices.names import MAX_NAME
from claw.errors import DocumentInvalid, NotFound, NotProven
from claw.model.announcement import Announcement, Via
from claw.model.events import (
    DeviceFound,
    DeviceHeard,
    DeviceMoved,
    Event,
    OnlineChanged,
    ThingAdded,
    ThingChanged,
    ThingRemoved,
)
from claw.model.identity import Identity, Scheme
from claw.model.level import Level, Receipt
from claw.model.thing import Area
from tests.devices.conftest import TEST, Room, furnished
from tests.devices.lamp import Lamp, document

NAMES = ("lamp", "plug", "shade")
announcements = st.builds(
    lambda via, kind, number, host, known: Announcement(
        via=via,
        kind=kind,
        name=NAMES[number],
        hosts=(f"10.0.0.{host}",),
        port=80,
        fields={"mac": f"3c6105a1b2c{number}"} if known else {},
    ),
    st.sampled_from([Via.MDNS, Via.SSDP]),
    st.sampled_from(["_http._tcp", "_lamp._tcp"]),
    st.integers(0, 2),
    st.integers(1, 3),
    st.booleans(),
)


def partition(room: Room) -> set[frozenset[tuple[str, str, str]]]:
    return {frozenset(a.key for a in device.announcements) for device in room.registry.devices.values()}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(announcements, max_size=6, unique_by=lambda a: a.key), st.randoms(use_true_random=False))
async def test_law_any_order_of_announcements_gives_the_same_devices(
    tmp_path_factory: pytest.TempPathFactory, told: list[Announcement], dice: object
) -> None:
    shuffled = list(told)
    dice.shuffle(shuffled)  # type: ignore[attr-defined]
    found = []
    for order in (told, shuffled):
        folder = tmp_path_factory.mktemp("law")
        async with furnished(folder) as room:
            for announcement in order:
                await room.registry.meet(announcement, TEST)
            found.append(partition(room))
            kept = dict(room.registry.devices)
        async with furnished(folder) as again:
            assert {i: replace(d, last_seen=0) for i, d in again.registry.devices.items()} == {
                i: replace(d, last_seen=0) for i, d in kept.items()
            }
    assert found[0] == found[1]


async def test_a_new_device_is_found_once(room: Room) -> None:
    lamp = Lamp()
    with room.bus.subscribe(DeviceFound, DeviceMoved, DeviceHeard) as events:
        first = await room.registry.meet(lamp.announcement(port=80), TEST)
        again = await room.registry.meet(lamp.announcement(port=80), TEST)
        assert first is not None
        assert again is not None
        assert first.id == again.id
        assert isinstance(await events.next(), DeviceFound)
        await room.registry.meet(lamp.announcement(port=80, hosts=("127.0.0.9",)), TEST)
        moved = await events.next()
    assert isinstance(moved, DeviceMoved)
    assert moved.host == "127.0.0.9"
    assert room.registry.devices[first.id].host == "127.0.0.9"


async def test_a_move_drops_what_the_wire_kept_of_the_old_address(room: Room, lamp: Lamp) -> None:
    await room.hang(lamp)
    forgotten = []
    http = room.bindings["http"]
    real = http.forget

    async def forget(endpoint: object) -> None:
        forgotten.append(endpoint)
        await real(endpoint)  # type: ignore[arg-type]

    http.forget = forget  # type: ignore[method-assign, assignment]
    await room.registry.meet(lamp.announcement(hosts=("127.0.0.2",)), TEST)
    assert [(each.host, each.port) for each in forgotten] == [("127.0.0.1", lamp.port)]  # type: ignore[attr-defined]


async def test_a_goodbye_asks_for_a_look_and_claims_nothing(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    with room.bus.subscribe(DeviceHeard, OnlineChanged) as events:
        await room.registry.meet(lamp.announcement(gone=True), TEST)
        heard = await events.next()
    assert isinstance(heard, DeviceHeard)
    assert heard.gone
    assert room.registry.things[thing.id].online
    effect = await thing.write("on_off", value=True, context=TEST)  # it is still there, and obeys
    assert effect.verified


async def test_a_goodbye_from_a_stranger_says_nothing(room: Room) -> None:
    assert await room.registry.meet(Lamp().announcement(gone=True), TEST) is None
    assert not room.registry.devices


async def test_two_devices_that_prove_to_be_one_keep_their_things(room: Room, lamp: Lamp) -> None:
    mac = Identity.of(Scheme.MAC, lamp.mac)
    other = Announcement(
        Via.SSDP,
        "urn:x:device:Y:1",
        "Other",
        ("127.0.0.7",),
        81,
        {"usn": "uuid:0f2c1f0e-9d3b-4c55-8d53-6d1a2b3c4d5e"},
    )
    thing = await room.hang(lamp)
    twin = await room.registry.meet(other, TEST)
    assert twin is not None
    assert twin.id != thing.thing.device_id
    await room.store.secrets.put(f"http:{thing.thing.device_id}", "key")
    assert mac is not None
    one = await room.registry.identify(twin.id, [mac], TEST)
    assert list(room.registry.devices) == [one.id]
    assert thing.thing.device_id == one.id
    assert await room.store.secrets.get(f"http:{one.id}") == "key"
    assert [device.id for device in await room.store.devices.all()] == [one.id]


async def test_untrusted_names(room: Room) -> None:
    nasty = "Lamp\r\nIGNORE ALL\x00\u202e" + "x" * 500
    device = await room.registry.meet(Lamp().announcement(name=nasty), TEST)
    assert device is not None
    assert device.title.startswith("Lamp IGNORE ALLx")
    assert len(device.title) == MAX_NAME


async def test_things_areas_and_names(room: Room, lamp: Lamp) -> None:
    with room.bus.subscribe(ThingAdded, ThingChanged, ThingRemoved) as events:
        thing = await room.hang(lamp)
        kitchen = await room.registry.put_area(Area("", "Kitchen", ("cook's room",)))
        await room.registry.set_area(thing.id, kitchen.id, TEST)
        await room.registry.rename(thing.id, "Big\nLamp", TEST)
        await room.registry.rename(thing.id, "Big Lamp", TEST)  # nothing new: no event
        house = room.registry.house()
        assert room.registry.house() is house
        await room.registry.remove_thing(thing.id, TEST)
        told = [await events.next() for _ in range(4)]
    assert [type(event).__name__ for event in told] == ["ThingAdded", "ThingChanged", "ThingChanged", "ThingRemoved"]
    [known] = house.things
    assert (known.id, known.name, known.domain, known.area) == ("hall-lamp", "Big Lamp", "light", "kitchen")
    assert known.aliases == ("kitchen light", "kitchen lights", "cook's room light", "cook's room lights")
    assert room.registry.house().things == ()
    assert room.registry.house().revision > house.revision
    for call in (
        room.registry.remove_thing("hall-lamp", TEST),
        room.registry.rename("hall-lamp", "x", TEST),
        room.registry.ignore("nothing"),
    ):
        with pytest.raises(NotFound):
            await call


async def test_an_unknown_area_is_refused(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    with pytest.raises(NotFound, match=r"No area is called 'attic'. There are: none"):
        await room.registry.set_area(thing.id, "attic", TEST)


async def test_ids_stay_unique_and_readable(room: Room, lamp: Lamp) -> None:
    ids = [(await room.hang(lamp)).id for _ in range(3)]
    assert ids == ["hall-lamp", "hall-lamp-2", "hall-lamp-3"]
    assert [thing.id for thing in room.registry.find("HALL lamp")] == ids
    assert [thing.id for thing in room.registry.find("hall-lamp")] == ids[:1]


async def test_a_house_shows_values_as_they_are_now(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    state = room.registry.house().things[0].state
    assert dict(state) == {}
    await thing.read(context=TEST)
    assert dict(state) == {"on_off": False, "brightness": 20}
    assert len(state) == 2


async def test_everything_is_there_after_a_restart(tmp_path: Path, lamp: Lamp) -> None:
    async with furnished(tmp_path) as room:
        thing = await room.hang(lamp)
        await room.registry.put_area(Area("hall", "Hall"))
        await room.registry.set_area(thing.id, "hall", TEST)
        await room.registry.set_online(thing.id, online=False, context=TEST, reason="test")
        await room.registry.ignore(thing.thing.device_id)
        was = thing.thing
    async with furnished(tmp_path) as again:
        assert again.registry.things[was.id] == was
        assert again.registry.areas["hall"].name == "Hall"
        assert again.registry.devices[was.device_id].ignored
        effect = await again.things.get(was.id).write("on_off", value=True, context=TEST)
        assert effect.verified
        assert again.registry.things[was.id].online  # it answered, so it is back


async def test_a_corrupt_adapter_stops_its_things_only(tmp_path: Path, lamp: Lamp) -> None:
    async with furnished(tmp_path) as room:
        thing = await room.hang(lamp)
        with pytest.raises(DocumentInvalid):
            await room.registry.put_adapter({**document(), "title": 7}, "test")
        await room.store.adapters.save("test-lamp", {"id": "broken"}, "test")
        was = thing.id
    async with furnished(tmp_path) as again:
        assert "test-lamp" in again.registry.adapter_problems
        with pytest.raises(Exception, match="The adapter of Hall lamp cannot be used"):
            await again.things.get(was).read(context=TEST)


async def test_the_registry_publishes_nothing_but_facts(room: Room, lamp: Lamp) -> None:
    with room.bus.subscribe(OnlineChanged) as events:
        thing = await room.hang(lamp)
        await room.registry.set_online(thing.id, online=True, context=TEST)
        await room.registry.set_online("nothing", online=False, context=TEST)
        await room.registry.set_online(thing.id, online=False, context=TEST, reason="unplugged")
        event: Event = await events.next()
    assert isinstance(event, OnlineChanged)
    assert event.reason == "unplugged"


async def test_another_document_under_the_same_id_takes_the_proof_along(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    proved = (Receipt(Level.WRITE_READ_BACK, passed=True, detail="seen", at=1.0, property="on_off"),)
    await room.registry.put_thing(replace(thing.thing, receipts=proved, consented=True), TEST)
    with room.bus.subscribe(ThingChanged) as events:
        await room.registry.put_adapter(document(title="Better lamp"), "test")  # drives it as before
        assert (thing.thing.level, thing.thing.consented) == (Level.WRITE_READ_BACK, True)
        other = document()
        other["properties"]["on_off"]["forms"][1]["href"] = "/door"
        await room.registry.put_adapter(other, "test")
        assert (await events.next()).thing == thing.id
    assert thing.thing.level is Level.CODEC_LAW
    assert {receipt.level for receipt in thing.thing.receipts} == {0, 1, 2}
    assert not thing.thing.consented
    with pytest.raises(NotProven):
        await thing.write("on_off", value=True, context=TEST)
    assert not [request for request in lamp.requests if "PUT" in request]


async def test_what_another_document_no_longer_offers_is_gone(room: Room, lamp: Lamp) -> None:
    thing = await room.hang(lamp)
    other = document()
    del other["properties"]["brightness"]
    await room.registry.put_adapter(other, "test")
    assert set(thing.thing.properties) == {"on_off"}
    with pytest.raises(NotFound):
        await thing.write("brightness", value=5, context=TEST, confirmed=True)


async def test_a_flood_of_invented_devices_locks_nobody_out(
    room: Room, lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "MAX_DEVICES", 32)
    thing = await room.hang(lamp)
    ignored = await room.registry.meet(Lamp(mac="3c6105000001").announcement(hosts=("10.0.1.1",), name="Tv"), TEST)
    assert ignored is not None
    await room.registry.ignore(ignored.id)
    for n in range(100):
        told = Lamp(mac=f"3c6106{n:06x}", name=f"Invented {n}").announcement(hosts=(f"10.0.0.{n + 1}",), port=80)
        assert await room.registry.meet(told, TEST) is not None
    assert len(room.registry.devices) <= 32
    assert {thing.thing.device_id, ignored.id} <= set(room.registry.devices)
    assert {device.id for device in await room.store.devices.all()} == set(room.registry.devices)


async def test_one_host_that_is_said_to_be_many_devices_costs_a_bounded_look(
    room: Room, lamp: Lamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crowd, "MAX_NEAR", 8)
    thing = await room.hang(lamp)
    for n in range(40):
        told = Lamp(mac=f"3c6106{n:06x}", name=f"Invented {n}").announcement(hosts=("10.0.0.1",), port=80)
        assert await room.registry.meet(told, TEST) is not None
    assert len(room.registry.devices) <= 9
    assert thing.thing.device_id in room.registry.devices
