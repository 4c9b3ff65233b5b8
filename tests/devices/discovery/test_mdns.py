"""mDNS on real sockets: services come, change and go; nonsense does no harm."""

from __future__ import annotations

import random
import struct

import anyio
import anyio.lowlevel
import pytest
from zeroconf import DNSPointer, current_time_millis
from zeroconf.asyncio import AsyncServiceBrowser

from claw.devices.discovery.mdns import MAX_TYPES
from claw.model.announcement import Via
from tests.devices.discovery.lan import (
    PTR,
    SRV,
    A,
    encode_name,
    listening,
    record,
    response,
    service,
    txt,
    unique,
)


async def test_an_announcement_is_published_whole() -> None:
    name = unique("lamp")
    async with listening() as heard:
        heard.say(service(name, "_hap._tcp", port=51826, txt=txt(ID="AA:BB:CC:00:11:22", md="Lamp")))
        found = await heard.named(name)
        assert found in heard.discovery.announcements
    assert (found.via, found.kind, found.hosts, found.port) == (Via.MDNS, "_hap._tcp", ("127.0.0.1",), 51826)
    assert found.fields == {"id": "AA:BB:CC:00:11:22", "md": "Lamp", "hostname": f"{name}.local"}
    assert found.location is None


async def test_a_goodbye_is_told() -> None:
    name = unique("plug")
    async with listening() as heard:
        heard.say(service(name, "_http._tcp"))
        await heard.named(name)
        heard.say(service(name, "_http._tcp", ttl=0))
        gone = await heard.named(name, gone=True)
        assert gone.key not in {a.key for a in heard.discovery.announcements}


async def test_silence_beyond_the_time_to_live_is_a_goodbye() -> None:
    name = unique("silent")
    async with listening() as heard:
        heard.say(service(name, "_http._tcp"))
        await heard.named(name)
        aio = heard.discovery.zeroconf
        assert aio is not None
        said = current_time_millis() - 2_000_000  # the same record, heard 2000 s ago
        aged = DNSPointer("_http._tcp.local.", PTR, 1, 1500, f"{name}._http._tcp.local.", said)
        aio.zeroconf.cache.async_add_records([aged])
        aio.zeroconf.engine._async_cache_cleanup()  # what its timer does every ten seconds
        await heard.named(name, gone=True)


async def test_a_type_nobody_heard_of_is_found_by_its_announcement() -> None:
    name = unique("odd")
    async with listening() as heard:
        heard.say(service(name, f"_{name[:14]}._tcp", port=0, txt=b""))
        found = await heard.named(name, seconds=20)
    assert found.port == 0
    assert set(found.fields) == {"hostname"}


async def test_a_type_is_found_by_the_meta_query() -> None:
    name, after = unique("meta"), unique("after")
    kind = f"_{name[:14]}._udp"
    async with listening() as heard:
        heard.say(response(record("_services._dns-sd._udp.local", PTR, 4500, encode_name(f"{kind}.local"))))
        heard.say(service(after, "_http._tcp"))
        await heard.named(after)
        assert f"{kind}.local." in {t for b in _browsers(heard.discovery.zeroconf) for t in b.types}


def _browsers(aio: object) -> list[AsyncServiceBrowser]:
    listeners = aio.zeroconf.listeners  # type: ignore[attr-defined]
    return [listener for listener in listeners if isinstance(listener, AsyncServiceBrowser)]


async def test_subtypes_and_nonsense_are_not_browsed() -> None:
    name = unique("after")
    wrong = [
        "_printer._sub._http._tcp.local",
        "nonsense.local",
        "_x._sctp.local",
        "_" + "a" * 40 + "._tcp.local",
        "_http",
    ]
    async with listening() as heard:
        records = [record("_services._dns-sd._udp.local", PTR, 4500, encode_name(type_)) for type_ in wrong]
        heard.say(response(*records))
        heard.say(service(name, "_http._tcp"))
        await heard.named(name)
        types = {t for b in _browsers(heard.discovery.zeroconf) for t in b.types}
    assert not types & {f"{type_}." for type_ in wrong}


async def test_both_homekit_types_are_browsed_by_one_browser() -> None:
    async with listening() as heard:
        both = [b for b in _browsers(heard.discovery.zeroconf) if "_hap._tcp.local." in b.types]
        assert [b.types for b in both] == [{"_hap._tcp.local.", "_hap._udp.local."}]
    assert heard.discovery.zeroconf is None


async def test_a_host_with_ipv6_alone_is_accepted_with_its_scope() -> None:
    name = unique("six")
    async with listening() as heard:
        heard.say(service(name, "_matter._tcp", addresses=("fe80::1234", "fd00::5")))
        found = await heard.named(name)
    assert found.hosts[0] == "fd00::5"
    assert found.hosts[1].startswith("fe80::1234")


async def test_ipv4_comes_first() -> None:
    name = unique("both")
    async with listening() as heard:
        heard.say(service(name, "_http._tcp", addresses=("fd00::5", "127.0.0.7")))
        found = await heard.until(lambda a: a.name == name and len(a.hosts) == 2)
    assert found.hosts == ("127.0.0.7", "fd00::5")


@pytest.mark.parametrize("address", ["8.8.8.8", "0.0.0.0", "224.0.0.251", "255.255.255.255", "2001:4860:4860::8888"])
async def test_an_address_that_is_not_of_this_lan_is_not_believed(address: str) -> None:
    name, after = unique("liar"), unique("honest")
    async with listening() as heard:
        heard.say(service(name, "_http._tcp", addresses=(address,)))
        heard.say(service(after, "_http._tcp"))
        await heard.named(after)
        assert name not in {a.name for a in heard.discovery.announcements}


async def test_a_device_that_moves_is_told_at_its_new_address() -> None:
    name = unique("mover")
    async with listening() as heard:
        heard.say(service(name, "_http._tcp", addresses=("127.0.0.11",)))
        await heard.named(name)
        heard.say(service(name, "_http._tcp", addresses=("127.0.0.12",)))
        found = await heard.until(lambda a: a.name == name and a.hosts[0] == "127.0.0.12")
    assert not found.gone


async def test_records_that_come_one_by_one_add_up() -> None:
    name = unique("slow")
    full, host = f"{name}._http._tcp.local", f"{name}.local"
    async with listening() as heard:
        heard.say(response(record("_http._tcp.local", PTR, 120, encode_name(full))))
        heard.say(response(record(full, SRV, 120, struct.pack("!HHH", 0, 0, 8080) + encode_name(host))))
        heard.say(response(record(host, A, 120, bytes([127, 0, 0, 9]))))  # and never a TXT record
        found = await heard.named(name)
    assert (found.hosts, found.port) == (("127.0.0.9",), 8080)


async def test_names_and_texts_are_bounded_and_cleaned() -> None:
    words = [f"k{n}=v".encode() for n in range(100)] + [b"evil=\x1b[31m\xff\x00\xe2\x80\xaex", b"usn=uuid:fake"]
    data = b"".join(bytes([len(word)]) + word for word in [*reversed(words)])
    name = unique("big")
    async with listening() as heard:
        heard.say(service(name, "_http._tcp", txt=data))
        found = await heard.named(name)
    assert len(found.fields) <= 65
    assert found.fields["evil"].isprintable()
    assert "usn" not in found.fields


def _malformed(good: bytes) -> list[bytes]:
    header = struct.pack("!6H", 0, 0x8400, 0, 1, 0, 0)
    dice = random.Random(7)  # noqa: S311 - the same damage every time
    mutated = []
    for _ in range(150):
        packet = bytearray(good)
        for _ in range(dice.randint(1, 6)):
            packet[dice.randrange(len(packet))] = dice.randrange(256)
        mutated.append(bytes(packet[: dice.randint(1, len(packet))]))
    return [
        b"",
        b"\0",
        good[:11],
        *(good[:n] for n in range(0, len(good), 7)),
        header + b"\xc0\x0c" + struct.pack("!HHIH", PTR, 1, 120, 2) + b"\xc0\x0c",  # a name that points at itself
        header
        + b"\xc0\x0e\xc0\x0c"
        + struct.pack("!HHIH", PTR, 1, 120, 2)
        + b"\xc0\x0c",  # two that point in a circle
        header + b"\x3f" + b"a" * 10,
        struct.pack("!6H", 0, 0x8400, 65535, 65535, 65535, 65535),
        header + encode_name("_http._tcp.local") + struct.pack("!HHIH", PTR, 1, 120, 65535) + b"x",
        response(record("_http._tcp.local", PTR, 2**32 - 1, b"\xff\xfe\xfd")),
        good + b"\xff" * (9000 - len(good)),
        response(*(record("_http._tcp.local", PTR, 120, encode_name(f"x{n}._http._tcp.local")) for n in range(50))),
        service("\x01\x02\x7f", "_http._tcp", txt=b"\xff\xff\xff"),
        *mutated,
    ]


async def test_malformed_packets_do_no_harm() -> None:
    name, last = unique("good"), unique("last")
    async with listening() as heard:
        good = service(name, "_hap._tcp", txt=txt(id="AA:BB:CC:00:11:33"))
        for packet in _malformed(service("victim", "_http._tcp", addresses=("192.0.2.7",), txt=txt(a="b"))):
            heard.say(packet)
            await anyio.lowlevel.checkpoint()  # the receive buffer is small
        heard.say(good)
        await heard.named(name)
        heard.say(service(last, "_http._tcp"))
        await heard.named(last)


async def test_a_flood_of_types_is_bounded() -> None:
    name = unique("still")
    async with listening() as heard:
        for n in range(0, 400, 20):
            types = [
                record("_services._dns-sd._udp.local", PTR, 4500, encode_name(f"_f{n + m}._tcp.local"))
                for m in range(20)
            ]
            heard.say(response(*types))
            await anyio.lowlevel.checkpoint()
        heard.say(service(name, "_http._tcp"))
        await heard.named(name)
        assert len({t for b in _browsers(heard.discovery.zeroconf) for t in b.types}) <= MAX_TYPES


async def test_a_type_in_another_spelling_is_heard() -> None:
    """DNS names are compared without case (RFC 1035 clause 2.3.3); PowerView gateways write theirs with capitals."""
    name = unique("shades")
    async with listening() as heard:
        heard.say(service(name, "_PowerView-G3._tcp"))
        found = await heard.named(name)
    assert found.kind == "_powerview-g3._tcp"
