"""The Sonos binding, through SoCo, against the simulated household; and against players that are none."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from typing import cast
from xml.sax.saxutils import escape

import anyio
import pytest
from anyio import to_thread

from claw.errors import (
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
    NotSupported,
    RedirectRefused,
)
from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json
from claw.protocols.binding import Binding
from claw.protocols.sonos import Sonos
from claw.simulator.fault import Fault
from claw.simulator.house import KITCHEN, LIVING, SimulatedHouse
from claw.simulator.sonos.player import SonosPlayer
from tests.protocols.http_servers import Memory, Serve, ok, once, raw, request_of

QUICK = 1.0


@pytest.fixture
async def house() -> AsyncGenerator[SimulatedHouse]:
    async with SimulatedHouse(only=(KITCHEN, LIVING)) as made:
        yield made


@pytest.fixture
async def sonos() -> AsyncGenerator[Sonos]:
    binding = Sonos(Memory(), timeout=5)
    yield binding
    await binding.aclose()


@pytest.fixture
async def quick() -> AsyncGenerator[Sonos]:
    binding = Sonos(Memory(), timeout=QUICK, connect_timeout=QUICK / 2)
    with anyio.fail_after(20):  # the first use imports SoCo, which is no player's fault
        await to_thread.run_sync(__import__, "claw.protocols.sonos_player")
    yield binding
    await binding.aclose()


def player(house: SimulatedHouse, name: str) -> SonosPlayer:
    return cast("SonosPlayer", house.devices[name])


def at(who: SonosPlayer | Endpoint, href: str, op: str = "readproperty") -> Target:
    endpoint = who if isinstance(who, Endpoint) else Endpoint(who.address, 1400, "sonos", device_id=who.name)
    return Target(endpoint, Form(op, href))


def test_is_a_binding() -> None:
    binding: Binding = Sonos(Memory())
    assert binding.name == "sonos"


async def test_who_it_is(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    expected = {"uid": kitchen.uid, "mac": kitchen.mac.upper(), "room": "Kitchen", "household": kitchen.household.id}
    assert await sonos.read(at(kitchen, "device")) == expected


async def test_volume_and_mute(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    await sonos.write(at(kitchen, "volume", "writeproperty"), 37)
    assert await sonos.read(at(kitchen, "volume")) == 37
    assert kitchen.truth()["volume"] == 37
    await sonos.write(at(kitchen, "volume", "writeproperty"), 12.6)
    assert await sonos.read(at(kitchen, "volume")) == 13
    for silent in (True, False):
        await sonos.write(at(kitchen, "mute", "writeproperty"), silent)
        assert await sonos.read(at(kitchen, "mute")) is silent


async def transport(sonos: Sonos, who: SonosPlayer) -> dict[str, Json]:
    value = await sonos.read(at(who, "transport"))
    assert isinstance(value, dict)
    return value


async def test_favourites_play_pause_and_next(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    assert await transport(sonos, kitchen) == {"state": "stopped", "title": "", "group": ""}
    await sonos.invoke(at(kitchen, "play_favourite", "invokeaction"), {"name": "radio paradise"})
    now = await transport(sonos, kitchen)
    assert (now["state"], now["title"]) == ("playing", "Radio Paradise")
    await sonos.invoke(at(kitchen, "play_favourite", "invokeaction"), {"name": "coffee"})
    now = await transport(sonos, kitchen)
    assert (now["state"], now["title"]) == ("playing", "Blue hour")
    await sonos.invoke(at(kitchen, "next", "invokeaction"), None)
    assert (await transport(sonos, kitchen))["title"] == "Kettle song"
    await sonos.invoke(at(kitchen, "previous", "invokeaction"), None)
    assert (await transport(sonos, kitchen))["title"] == "Blue hour"
    for action, state in (("pause", "paused"), ("pause", "paused"), ("play", "playing"), ("stop", "stopped")):
        await sonos.invoke(at(kitchen, action, "invokeaction"), None)
        assert (await transport(sonos, kitchen))["state"] == state
    with pytest.raises(DeviceRefused, match="711"):
        await sonos.invoke(at(kitchen, "previous", "invokeaction"), None)


async def test_a_group_is_driven_through_its_coordinator(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen, living = player(house, KITCHEN), player(house, LIVING)
    await sonos.invoke(at(kitchen, "play_favourite", "invokeaction"), {"name": "Morning coffee"})
    await sonos.invoke(at(living, "join", "invokeaction"), {"group": "KITCHEN"})
    assert kitchen.household.coordinator(living) is kitchen
    for who in (kitchen, living):
        assert await transport(sonos, who) == {
            "state": "playing",
            "title": "Blue hour",
            "group": f"Kitchen + {living.room}",
        }
    await sonos.invoke(at(living, "join", "invokeaction"), {"group": "kitchen"})  # already there: nothing happens
    await sonos.invoke(at(living, "pause", "invokeaction"), None)  # living does not decide; kitchen is asked
    assert (await transport(sonos, kitchen))["state"] == "paused"
    await sonos.invoke(at(living, "leave", "invokeaction"), None)
    assert (await transport(sonos, living))["group"] == ""
    assert kitchen.household.coordinator(living) is living


async def test_a_group_that_changed_behind_our_back(sonos: Sonos, house: SimulatedHouse) -> None:
    """SoCo believes its picture of the groups for five seconds; an order must not go by that."""
    kitchen, living = player(house, KITCHEN), player(house, LIVING)
    assert (await transport(sonos, living))["group"] == ""
    kitchen.household.join(living, kitchen)
    assert (await transport(sonos, living))["group"] == f"Kitchen + {living.room}"
    await sonos.invoke(at(living, "play_favourite", "invokeaction"), {"name": "Jazz FM"})
    assert (await transport(sonos, kitchen))["title"] == "Jazz FM"


async def test_names_that_do_not_exist_are_answered_with_those_that_do(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    with pytest.raises(DeviceRefused, match=r"No Sonos room is called 'Attic'. There are: Kitchen, "):
        await sonos.invoke(at(kitchen, "join", "invokeaction"), {"group": "Attic"})
    with pytest.raises(DeviceRefused, match=r"no favourite 'Polka'. There are: Jazz FM, Morning coffee, Radio Par"):
        await sonos.invoke(at(kitchen, "play_favourite", "invokeaction"), {"name": "Polka"})
    for href, payload in (("join", None), ("join", {"group": ""}), ("play_favourite", {"name": 3})):
        with pytest.raises(NotSupported, match="needs a name"):
            await sonos.invoke(at(kitchen, href, "invokeaction"), payload)
    with pytest.raises(NotSupported, match="there are: device, mute, transport, volume"):
        await sonos.read(at(kitchen, "bass"))
    with pytest.raises(NotSupported):
        await sonos.write(at(kitchen, "transport", "writeproperty"), "playing")
    with pytest.raises(NotSupported, match="0 to 100"):
        await sonos.write(at(kitchen, "volume", "writeproperty"), "loud")
    with pytest.raises(NotSupported):
        await sonos.invoke(at(kitchen, "reboot", "invokeaction"), None)
    with pytest.raises(NotSupported, match="IPv4"):
        await sonos.read(at(Endpoint("::1", 1400), "volume"))


async def test_identical_reads_share_one_exchange(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            for href in ("volume", "mute", "transport", "volume", "device") * 4:
                group.start_soon(sonos.read, at(kitchen, href))


async def test_volume_is_pushed(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    before = await sonos.read(at(kitchen, "volume"))
    pushed = sonos.observe(at(kitchen, "volume", "observeproperty"))
    silenced = sonos.observe(at(kitchen, "mute", "observeproperty"))
    with anyio.fail_after(10):
        assert await anext(pushed) == before
        assert await anext(silenced) is False
        await sonos.write(at(kitchen, "volume", "writeproperty"), 61)
        assert await anext(pushed) == 61
        await sonos.write(at(kitchen, "mute", "writeproperty"), True)  # noqa: FBT003 - the payload
        assert await anext(silenced) is True
        await pushed.aclose()
        await silenced.aclose()


async def test_transport_is_pushed_and_follows_the_group(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen, living = player(house, KITCHEN), player(house, LIVING)
    pushed = sonos.observe(at(living, "transport", "observeproperty"))

    async def until(**wanted: Json) -> None:
        async for value in pushed:
            assert isinstance(value, dict)
            if {key: value[key] for key in wanted} == wanted:
                return

    with anyio.fail_after(15):
        await until(state="stopped", group="")
        await sonos.invoke(at(living, "play_favourite", "invokeaction"), {"name": "Jazz FM"})
        await until(state="playing", title="Jazz FM")
        await sonos.invoke(at(kitchen, "play_favourite", "invokeaction"), {"name": "Morning coffee"})
        await sonos.invoke(at(living, "join", "invokeaction"), {"group": "Kitchen"})
        await until(group=f"Kitchen + {living.room}", title="Blue hour", state="playing")
        await sonos.invoke(at(kitchen, "next", "invokeaction"), None)  # told by the other player
        await until(title="Kettle song")
        await pushed.aclose()


async def test_a_player_that_is_off(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    endpoint = at(kitchen, "volume").endpoint
    await house.faults.set(KITCHEN, Fault(offline=True))
    with anyio.fail_after(5):
        for href in ("volume", "transport", "device"):
            with pytest.raises(DeviceOffline, match="refuses the connection"):
                await sonos.read(at(endpoint, href))
        with pytest.raises(DeviceOffline):
            await anext(sonos.observe(at(endpoint, "volume", "observeproperty")))
    await house.faults.clear(KITCHEN)
    await sonos.read(at(endpoint, "volume"))


async def test_a_player_that_moved(sonos: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    old = at(kitchen, "volume").endpoint
    await sonos.read(at(kitchen, "transport"))
    await house.faults.set(KITCHEN, Fault(wrong_address=True))
    await sonos.forget(old)
    assert kitchen.address != old.host
    who = await sonos.read(at(kitchen, "device"))
    assert isinstance(who, dict)
    assert who["uid"] == kitchen.uid


async def test_slow_and_garbled_players(quick: Sonos, house: SimulatedHouse) -> None:
    kitchen = player(house, KITCHEN)
    await house.faults.set(KITCHEN, Fault(slow=30))
    start = time.monotonic()
    with pytest.raises(DeviceTimeout):
        await quick.read(at(kitchen, "volume"))
    assert time.monotonic() - start < QUICK + 1
    await house.faults.set(KITCHEN, Fault(garbage=True))
    for href in ("volume", "transport", "device"):
        with pytest.raises(DeviceError) as caught:
            await quick.read(at(kitchen, href))
        assert "\n" not in str(caught.value)


async def test_cancelling_does_not_wait_for_the_player(quick: Sonos, house: SimulatedHouse) -> None:
    await house.faults.set(KITCHEN, Fault(slow=30))
    start = time.monotonic()
    with anyio.move_on_after(0.1) as scope:
        await quick.read(at(player(house, KITCHEN), "volume"))
    assert scope.cancelled_caught
    assert time.monotonic() - start < QUICK / 2


def soap_server(answers: dict[str, str]) -> Serve:
    """Answers SOAP actions with these XML fragments; anything else with nonsense."""

    async def serve(reader: object, writer: object) -> None:
        while request := await request_of(reader):  # type: ignore[arg-type]
            name = next((action for action in answers if f"#{action}".encode() in request), "")
            inner = f'<s:Body><u:R xmlns:u="x">{answers.get(name, "")}</u:R></s:Body>'
            body = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{inner}</s:Envelope>'
            if request.startswith(b"GET"):  # the description of a service
                actions = "".join(f"<action><name>{action}</name><argumentList/></action>" for action in answers)
                space = "urn:schemas-upnp-org:service-1-0"
                body = f'<scpd xmlns="{space}"><actionList>{actions}</actionList><serviceStateTable/></scpd>'
            writer.write(ok(body.encode(), "text/xml", "SID: uuid:1", "TIMEOUT: Second-300"))  # type: ignore[attr-defined]

    return serve


def topology(asked: str, leader: str) -> dict[str, str]:
    """The answers of a player whose group is led from elsewhere."""
    members = "".join(
        f'<ZoneGroupMember UUID="{uid}" Location="{url}" ZoneName="{uid}"/>'
        for uid, url in (("A", asked), ("B", leader))
    )
    group = f'<ZoneGroup Coordinator="B" ID="1">{members}</ZoneGroup>'
    state = f"<ZoneGroupState><ZoneGroups>{group}</ZoneGroups></ZoneGroupState>"
    return {
        "GetHouseholdID": f"<CurrentHouseholdID>{leader}</CurrentHouseholdID>",
        "GetZoneGroupState": f"<ZoneGroupState>{escape(state)}</ZoneGroupState>",
    }


@pytest.mark.parametrize(
    "answers",
    [
        {},
        {"GetVolume": "<CurrentVolume>loud</CurrentVolume>"},
        {"GetVolume": "<Other>1</Other>"},
        {"GetHouseholdID": "<CurrentHouseholdID>h1</CurrentHouseholdID>"},
        {
            "GetHouseholdID": "<CurrentHouseholdID>h2</CurrentHouseholdID>",
            "GetZoneGroupState": "<ZoneGroupState>&lt;</ZoneGroupState>",
        },
    ],
)
@pytest.mark.parametrize("href", ["volume", "transport", "device"])
async def test_nonsense_is_garbage(quick: Sonos, answers: dict[str, str], href: str) -> None:
    async with raw(soap_server(answers)) as endpoint:
        with anyio.fail_after(10), pytest.raises(DeviceGarbage, match="no Sonos player says"):
            await quick.read(at(endpoint, href))


async def test_other_bad_answers(quick: Sonos) -> None:
    cases: list[tuple[bytes, type[DeviceError]]] = [
        (b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n", DeviceRefused),
        (b"HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n", NotSupported),
        (b"HTTP/1.1 500 No\r\nContent-Length: 4\r\n\r\noops", DeviceGarbage),
        (b"HTTP/1.1 302 Go\r\nLocation: http://192.0.2.1/\r\nContent-Length: 0\r\n\r\n", RedirectRefused),
        (b"", DeviceGarbage),
    ]
    for answer, error in cases:
        async with raw(once(answer)) as endpoint:
            with anyio.fail_after(10), pytest.raises(error):
                await quick.read(at(endpoint, "volume"))


async def test_a_player_cannot_send_us_to_other_machines(quick: Sonos) -> None:
    answers: dict[str, str] = {}
    async with raw(soap_server(answers), host="127.0.0.2") as endpoint:
        # a machine on the internet, and another service of this network
        for leader in (f"http://8.8.8.8:{endpoint.port}/x", f"http://127.0.0.1:{endpoint.port - 1}/x"):
            answers |= topology(f"http://127.0.0.2:{endpoint.port}/x", leader)
            await quick.forget(endpoint)
            for action in ("play", "pause"):
                with anyio.fail_after(10), pytest.raises(RedirectRefused, match="not on this network"):
                    await quick.invoke(at(endpoint, action, "invokeaction"), None)
            with anyio.fail_after(10), pytest.raises(RedirectRefused):
                await anext(quick.observe(at(endpoint, "transport", "observeproperty")))
