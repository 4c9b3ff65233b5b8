"""One box found several ways is one device, whatever the order; two boxes never become one."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claw.devices.discovery.identity import merge, regroup, same_device
from claw.devices.discovery.marks import identities
from claw.errors import NotFound
from claw.model.announcement import Announcement, Via
from claw.model.device import Device
from claw.model.identity import Identity, Scheme

HOST = "192.168.7.20"


def mdns(kind: str, name: str, host: str = HOST, port: int = 80, **fields: str) -> Announcement:
    return Announcement(Via.MDNS, kind, name, (host,), port, fields)


def ssdp(usn: str, kind: str, host: str = HOST, port: int = 80, **fields: str) -> Announcement:
    return Announcement(Via.SSDP, kind, fields.get("friendlyname", usn), (host,), port, {"usn": usn, **fields})


def meet(announcements: Iterable[Announcement], devices: dict[str, Device] | None = None) -> dict[str, Device]:
    devices = {} if devices is None else devices
    for announcement in announcements:
        result = regroup(devices, announcement)
        for gone in result.absorbed:
            del devices[gone]
        for device in result.changed:
            devices[device.id] = device
    return devices


def groups(devices: dict[str, Device]) -> set[frozenset[tuple[str, str, str]]]:
    return {frozenset(a.key for a in d.announcements) for d in devices.values() if d.announcements}


HUE = [
    mdns("_hue._tcp", "Hue Bridge - 102201", port=443, bridgeid="001788fffe102201", modelid="BSB002"),
    mdns("_hap._tcp", "Hue Bridge - 102201", port=8080, id="6D:F7:11:22:33:44", md="BSB002"),
    ssdp("uuid:2f402f80-da50-11e1-9b23-001788102201::upnp:rootdevice", "upnp:rootdevice"),
    mdns("_http._tcp", "hue", port=80),
]
SONOS = [
    ssdp("uuid:RINCON_B8E93758723601400::urn:schemas-upnp-org:device:ZonePlayer:1", "ZonePlayer:1", port=1400),
    ssdp("uuid:RINCON_B8E93758723601400_MR::urn:schemas-upnp-org:device:MediaRenderer:1", "MediaRenderer:1"),
    mdns("_sonos._tcp", "Sonos-B8E937587236@Kitchen", port=1443, uuid="RINCON_B8E93758723601400"),
    mdns("_airplay._tcp", "Kitchen", port=7000, deviceid="B8:E9:37:58:72:36"),
]


@pytest.mark.parametrize("box", [HUE, SONOS], ids=["hue", "sonos"])
def test_a_box_found_four_ways_is_one_device(box: list[Announcement]) -> None:
    assert len(meet(box)) == 1


@pytest.mark.parametrize(
    ("announcement", "identity"),
    [
        (mdns("_hap._tcp", "Lamp", id="AA:BB:CC:DD:EE:01"), "hap:aabbccddee01"),
        (mdns("_hue._tcp", "x", bridgeid="001788FFFE102201"), "mac:001788102201"),
        (mdns("_elg._tcp", "Key Light", id="3C:6A:9D:12:34:56"), "mac:3c6a9d123456"),
        (mdns("_wled._tcp", "wled", mac="a8032ab1c2d3"), "mac:a8032ab1c2d3"),
        (mdns("_http._tcp", "shellyplus1-A8032AB12345"), "mac:a8032ab12345"),
        (mdns("_http._tcp", "x", hostname="esp-a8032ab1f345.local"), "mac:a8032ab1f345"),
        (
            mdns("_googlecast._tcp", "x", id="2f402f80da504be19b23001788102201"),
            "uuid:2f402f80-da50-4be1-9b23-001788102201",
        ),
        (ssdp("uuid:2f402f80-DA50-11e1-9b23-001788102201", "x"), "mac:001788102201"),
        (ssdp("uuid:u", "x", serialnumber="SN-77123"), "serial:sn-77123"),
    ],
    ids=str,
)
def test_identities_are_found_where_vendors_put_them(announcement: Announcement, identity: str) -> None:
    assert identity in {str(found) for found in identities(announcement)}


@pytest.mark.parametrize("serial", ["", "1", "00000000", "none", "Unknown", "12345678", "N/A", "xxxxxxxx", "abc"])
def test_placeholder_serials_identify_nothing(serial: str) -> None:
    found = identities(Announcement(Via.SSDP, "x", "n", (HOST,), 80, {"serialnumber": serial}))
    assert not found


def test_a_date_in_a_name_is_no_mac() -> None:
    assert not identities(mdns("_http._tcp", "backup-202611230815"))


def test_many_accessories_behind_one_address_stay_separate() -> None:
    bridge = [
        mdns("_hap._tcp", f"Lamp {n}", port=51826 + n, id=f"AA:BB:CC:DD:EE:{n:02X}", md="Lamp") for n in range(5)
    ]
    devices = meet([*bridge, mdns("_http._tcp", "homebridge", port=8581), mdns("_ssh._tcp", "pi", port=22)])
    assert len(devices) == 6  # five accessories and the machine itself


def test_a_second_accessory_on_the_address_takes_the_web_page_from_the_first() -> None:
    first, page = mdns("_hap._tcp", "A", port=1, id="AA:BB:CC:DD:EE:01"), mdns("_http._tcp", "page", port=2)
    devices = meet([first, page])
    assert len(devices) == 1
    assert len(meet([mdns("_hap._tcp", "B", port=3, id="AA:BB:CC:DD:EE:02")], devices)) == 3


def test_identity_survives_a_new_address() -> None:
    devices = meet(HUE)
    before = next(iter(devices))
    moved = Announcement(HUE[0].via, HUE[0].kind, HUE[0].name, ("192.168.7.99",), 443, HUE[0].fields)
    device = merge(devices, moved)
    assert device.id == before
    assert device.hosts[0] == "192.168.7.99"


def test_two_devices_that_swap_addresses_are_not_confused() -> None:
    def plug(mac: str, host: str) -> list[Announcement]:
        return [
            mdns("_shelly._tcp", f"plug-{mac}", host, id=f"plug-{mac}"),
            mdns("_http._tcp", f"plug-{mac}", host),
        ]

    one, other = "a8032ab12345", "a8032ab1ffff"
    devices = meet([*plug(one, "10.0.0.1"), *plug(other, "10.0.0.2")])
    ids = {identity.value: d.id for d in devices.values() for identity in d.identities}
    devices = meet([*plug(one, "10.0.0.2"), *plug(other, "10.0.0.1")], devices)
    assert len(devices) == 2
    assert devices[ids[one]].hosts == ("10.0.0.2",)
    assert devices[ids[other]].hosts == ("10.0.0.1",)


def test_nameless_services_that_swap_addresses_keep_their_ids() -> None:
    devices = meet([mdns("_http._tcp", "cam-a", "10.0.0.1"), mdns("_http._tcp", "cam-b", "10.0.0.2")])
    ids = {d.title: d.id for d in devices.values()}
    devices = meet([mdns("_http._tcp", "cam-a", "10.0.0.2"), mdns("_http._tcp", "cam-b", "10.0.0.1")], devices)
    assert {d.title: d.id for d in devices.values()} == ids
    assert devices[ids["cam-a"]].hosts == ("10.0.0.2",)


def test_an_identity_that_only_a_probe_knows_is_kept() -> None:
    device = next(iter(meet([mdns("_elg._tcp", "Key Light", id="3C:6A:9D:12:34:56")]).values()))
    serial = Identity(Scheme.SERIAL, "bw12h1a00123")
    probed = Device(device.id, device.title, device.identities | {serial}, device.hosts, device.announcements)
    again = merge({device.id: probed}, ssdp("uuid:x::y", "y", "10.9.9.9", serialnumber="BW12H1A00123"))
    assert again.id == device.id
    assert len(again.announcements) == 2


def test_a_device_that_says_goodbye_is_remembered_and_known_again() -> None:
    devices = meet(HUE)
    ids = set(devices)
    byes = [Announcement(a.via, a.kind, a.name, a.hosts, a.port, a.fields, gone=True) for a in HUE]
    devices = meet(byes, devices)
    assert set(devices) == ids
    assert not any(d.announcements for d in devices.values())
    assert set(meet(HUE, devices)) == ids


def test_a_goodbye_from_a_stranger_changes_nothing() -> None:
    bye = Announcement(Via.MDNS, "_http._tcp", "who", (HOST,), 80, gone=True)
    assert regroup({}, bye).changed == ()
    with pytest.raises(NotFound, match="who"):
        merge({}, bye)


def test_a_new_machine_under_an_old_name_is_a_new_device() -> None:
    devices = meet([mdns("_wled._tcp", "wled", mac="a8032ab10001")])
    devices = meet([mdns("_wled._tcp", "wled", mac="a8032ab10002")], devices)
    assert len(devices) == 2
    assert len([d for d in devices.values() if d.announcements]) == 1


def test_a_sweep_adds_to_the_device_that_is_there() -> None:
    page = Announcement(Via.SWEEP, "http", "Web server", (HOST,), 8080)
    assert len(meet([*HUE, page])) == 1


def test_what_turns_out_to_be_one_is_told() -> None:
    devices = meet([mdns("_x._tcp", "a", "10.0.0.1", mac="a8032ab10001"), ssdp("uuid:aaaaa", "k", "10.0.0.2")])
    assert len(devices) == 2
    result = regroup(devices, ssdp("uuid:aaaaa", "other", "10.0.0.2", mac="a8032ab10001"))
    assert result.device is not None
    assert len(result.device.announcements) == 3
    assert result.absorbed == {id_: result.device.id for id_ in devices if id_ != result.device.id}


ANNOUNCEMENTS = st.builds(
    Announcement,
    st.sampled_from([Via.MDNS, Via.SSDP, Via.SWEEP]),
    st.sampled_from(["_hap._tcp", "_http._tcp", "_hue._tcp", "upnp:rootdevice"]),
    st.sampled_from(["a", "b", "lamp", "Lamp", "plug-a8032ab12345", "plug-a8032ab1ffff"]),
    st.lists(
        st.sampled_from(["10.0.0.1", "10.0.0.2", "127.0.0.1", "fe80::1%2"]), min_size=1, max_size=2, unique=True
    ).map(tuple),
    st.sampled_from([0, 80, 8080]),
    st.fixed_dictionaries(
        {},
        optional={
            "id": st.sampled_from(["AA:BB:CC:DD:EE:01", "AA:BB:CC:DD:EE:02"]),
            "mac": st.sampled_from(["a8032ab12345", "a8032ab1ffff"]),
            "usn": st.sampled_from(["uuid:one", "uuid:two", "uuid:2f402f80-da50-11e1-9b23-a8032ab12345"]),
            "serialnumber": st.sampled_from(["SN-77123", "none"]),
            "md": st.sampled_from(["X1", "X2"]),
        },
    ),
)
SETS = st.lists(ANNOUNCEMENTS, max_size=8, unique_by=lambda a: a.key)


@settings(max_examples=400, deadline=None)
@given(data=st.data(), announcements=SETS)
def test_any_order_gives_the_same_devices(data: st.DataObject, announcements: list[Announcement]) -> None:
    shuffled = data.draw(st.permutations(announcements))
    assert groups(meet(announcements)) == groups(meet(shuffled))


@settings(max_examples=200, deadline=None)
@given(announcements=SETS)
def test_hearing_it_again_changes_nothing(announcements: list[Announcement]) -> None:
    devices = meet(announcements)
    again = dict(devices)
    for announcement in announcements:
        result = regroup(again, announcement)
        assert result.changed == ()
        assert not result.absorbed
    assert again == devices


@settings(max_examples=200, deadline=None)
@given(announcements=SETS)
def test_every_announcement_is_in_exactly_one_device(announcements: list[Announcement]) -> None:
    devices = meet(announcements)
    held = [a.key for d in devices.values() for a in d.announcements]
    assert sorted(held) == sorted(a.key for a in announcements)


@settings(max_examples=200, deadline=None)
@given(one=ANNOUNCEMENTS, other=ANNOUNCEMENTS)
def test_sameness_has_no_direction(one: Announcement, other: Announcement) -> None:
    assert same_device(one, other) == same_device(other, one)
    assert same_device(one, one)
    if identities(one) & identities(other):
        assert same_device(one, other)
