"""The household against SoCo, which somebody else wrote."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import aiohttp
import anyio
import anyio.to_thread
import pytest
import soco
import soco.events
from async_upnp_client.aiohttp import AiohttpRequester
from async_upnp_client.client_factory import UpnpFactory
from soco.exceptions import SoCoUPnPException

from claw.simulator import Fault, ManualClock, SimulatedHouse
from claw.simulator.sonos.player import SonosPlayer

KITCHEN, LIVING = "sonos-kitchen", "sonos-living-room"


def player(house: SimulatedHouse, name: str) -> SonosPlayer:
    device = house.devices[name]
    assert isinstance(device, SonosPlayer)
    return device


async def thread(work: Callable[[], Any]) -> Any:
    with anyio.fail_after(15):
        return await anyio.to_thread.run_sync(work)


def zones(house: SimulatedHouse) -> tuple[soco.SoCo, soco.SoCo]:
    kitchen, living = soco.SoCo(house.devices[KITCHEN].address), soco.SoCo(house.devices[LIVING].address)
    kitchen.zone_group_state.clear_cache()
    return kitchen, living


async def test_soco_discovers_the_household_on_the_loopback_interface(house: SimulatedHouse) -> None:
    household = player(house, KITCHEN).household.id
    found = await thread(
        lambda: {
            zone.ip_address: zone.player_name
            for zone in soco.discover(timeout=3, interface_addr="127.0.0.1", household_id=household)
        }
    )
    assert found == {house.devices[KITCHEN].address: "Kitchen", house.devices[LIVING].address: "Living Room"}


async def test_volume_mute_and_tone(house: SimulatedHouse) -> None:
    def work() -> None:
        kitchen, _ = zones(house)
        kitchen.volume = 33
        kitchen.mute = True
        kitchen.bass = -4
        assert (kitchen.volume, kitchen.mute, kitchen.bass, kitchen.loudness) == (33, True, -4, True)
        assert kitchen.set_relative_volume(-3) == 30
        with pytest.raises(SoCoUPnPException):
            kitchen.renderingControl.SetVolume([("InstanceID", 0), ("Channel", "Master"), ("DesiredVolume", 101)])

    await thread(work)
    assert player(house, KITCHEN).rendering.truth() == {"volume": 30, "muted": True}


async def test_a_favourite_plays(house: SimulatedHouse, clock: ManualClock) -> None:
    def work() -> None:
        kitchen, _ = zones(house)
        radio = kitchen.music_library.get_sonos_favorites()[0]
        kitchen.play_uri(radio.resources[0].uri, radio.resource_meta_data)
        assert kitchen.get_current_transport_info()["current_transport_state"] == "TRANSITIONING"
        clock.advance(1)
        assert kitchen.get_current_transport_info()["current_transport_state"] == "PLAYING"
        assert kitchen.get_current_media_info()["channel"] == radio.title
        assert kitchen.get_current_track_info()["title"] == radio.title

    await thread(work)
    assert player(house, KITCHEN).truth()["playing"] is True
    assert player(house, LIVING).truth()["playing"] is False


async def test_the_queue_runs_on_by_itself(house: SimulatedHouse, clock: ManualClock) -> None:
    def work() -> None:
        kitchen, _ = zones(house)
        with pytest.raises(SoCoUPnPException):
            kitchen.play()  # nothing is selected
        album = kitchen.music_library.get_sonos_favorites()[2]
        kitchen.clear_queue()
        kitchen.add_to_queue(album.reference)
        titles = [track.title for track in kitchen.get_queue()]
        assert kitchen.queue_size == len(titles) == 3
        kitchen.play_from_queue(0)
        clock.advance(190)  # past the first track
        assert kitchen.get_current_track_info()["title"] == titles[1]
        kitchen.next()
        assert kitchen.get_current_track_info()["title"] == titles[2]
        with pytest.raises(SoCoUPnPException):
            kitchen.next()
        kitchen.previous()
        kitchen.pause()
        kitchen.seek("0:01:00")
        clock.advance(100)
        assert kitchen.get_current_track_info()["position"] == "0:01:00"
        kitchen.play()
        clock.advance(1000)
        assert kitchen.get_current_transport_info()["current_transport_state"] == "STOPPED"
        kitchen.remove_from_queue(0)
        assert kitchen.queue_size == 2

    await thread(work)


async def test_players_group_share_a_volume_and_part(house: SimulatedHouse, clock: ManualClock) -> None:
    def join() -> None:
        kitchen, living = zones(house)
        radio = kitchen.music_library.get_sonos_favorites()[0]
        kitchen.play_uri(radio.resources[0].uri, radio.resource_meta_data)
        living.join(kitchen)
        assert {zone.player_name for zone in kitchen.group.members} == {"Kitchen", "Living Room"}
        assert kitchen.group.coordinator == kitchen
        kitchen.group.volume = 40
        assert kitchen.group.volume == 40
        clock.advance(1)

    await thread(join)
    assert player(house, LIVING).truth()["playing"] is True
    assert player(house, LIVING).truth()["group"] == ["Kitchen", "Living Room"]

    def part() -> None:
        kitchen, living = zones(house)
        kitchen.unjoin()
        kitchen.zone_group_state.clear_cache()
        assert {zone.player_name for zone in living.group.members} == {"Living Room"}

    await thread(part)
    # the music stays with those who were left behind
    assert player(house, LIVING).truth()["title"] == "Radio Paradise"
    assert player(house, KITCHEN).truth()["playing"] is False


async def test_events_reach_soco(house: SimulatedHouse) -> None:
    def work() -> None:
        kitchen, living = zones(house)
        volume = kitchen.renderingControl.subscribe()
        topology = kitchen.zoneGroupTopology.subscribe()
        server = soco.events.event_listener._listener_thread.server
        assert volume.events.get(timeout=5).variables["volume"]["Master"] == "20"
        assert "Living Room" in topology.events.get(timeout=5).variables["zone_group_state"]
        kitchen.volume = 44
        assert volume.events.get(timeout=5).variables["volume"]["Master"] == "44"
        living.join(kitchen)
        topology.events.get(timeout=5)
        assert len(kitchen.group.members) == 2
        volume.renew()
        volume.unsubscribe()
        topology.unsubscribe()
        if soco.events.event_listener.is_running:
            soco.events.event_listener.stop()
        server.server_close()  # SoCo leaves it open

    await thread(work)


async def test_a_upnp_compiler_understands_the_description(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    device = await UpnpFactory(AiohttpRequester()).async_create_device(
        f"{house.devices[KITCHEN].url}/xml/device_description.xml"
    )
    assert device.model_name == "Sonos One"
    renderer = device.embedded_devices["urn:schemas-upnp-org:device:MediaRenderer:1"]
    control = renderer.services["urn:schemas-upnp-org:service:RenderingControl:1"]
    assert control.state_variable("Volume").max_value == 100
    await control.action("SetVolume").async_call(InstanceID=0, Channel="Master", DesiredVolume=12)
    answer = await control.action("GetVolume").async_call(InstanceID=0, Channel="Master")
    assert answer["CurrentVolume"] == 12


async def test_a_mute_player_nods_and_does_nothing(house: SimulatedHouse) -> None:
    await house.faults.set(KITCHEN, Fault(mute=True))

    def work() -> None:
        kitchen, _ = zones(house)
        kitchen.volume = 80
        assert kitchen.volume == 20

    await thread(work)


async def test_an_absent_player_has_vanished_from_the_household(house: SimulatedHouse) -> None:
    await house.faults.set(KITCHEN, Fault(offline=True))

    def work() -> set[str]:
        _, living = zones(house)
        return {zone.player_name for zone in living.visible_zones}

    assert await thread(work) == {"Living Room"}


async def test_events_go_to_loopback_only(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    url = f"{house.devices[KITCHEN].url}/MediaRenderer/RenderingControl/Event"
    for callback in ("<http://192.0.2.1/>", "<ftp://127.0.0.1/>", "nonsense", ""):
        async with web.request("SUBSCRIBE", url, headers={"CALLBACK": callback, "NT": "upnp:event"}) as answer:
            assert answer.status == 412


@pytest.mark.parametrize("body", ["", "<a", "<s/>", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
async def test_bad_soap_is_a_fault(house: SimulatedHouse, web: aiohttp.ClientSession, body: str) -> None:
    url = f"{house.devices[KITCHEN].url}/MediaRenderer/RenderingControl/Control"
    headers = {"SOAPACTION": '"urn:schemas-upnp-org:service:RenderingControl:1#GetVolume"'}
    async with web.post(url, data=body, headers=headers) as answer:
        assert answer.status == 500
        assert "<errorCode>402</errorCode>" in await answer.text()
