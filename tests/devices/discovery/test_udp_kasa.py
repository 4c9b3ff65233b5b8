"""Kasa devices answer a broadcast with obfuscated JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.devices.discovery import udp_kasa
from claw.devices.discovery.interfaces import Neighbourhood, chosen
from claw.devices.discovery.udp_kasa import QUESTION, Kasa, parse
from claw.model.announcement import Announcement, Via
from claw.protocols.kasa_cipher import decrypt, encrypt

SYSINFO = {"alias": "Desk\x00 plug", "mac": "50:C7:BF:AA:00:10", "model": "HS110(EU)", "deviceId": "8006", "type": 7}


def answer(**info: Any) -> bytes:
    return encrypt(json.dumps({"system": {"get_sysinfo": {**SYSINFO, **info}}}))


def test_the_first_bytes_are_those_of_the_protocol() -> None:
    assert encrypt('{"sy').hex() == "d0f281f8"


@given(st.text())
def test_decrypting_undoes_encrypting(text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    assert decrypt(encrypt(clean)) == clean


KEYS = st.sampled_from(["system", "get_sysinfo", "mac", "alias"])
TREES = st.recursive(st.none() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner))


@given(st.binary(max_size=300) | TREES.map(json.dumps).map(encrypt))
def test_any_bytes_are_an_announcement_or_nothing(data: bytes) -> None:
    found = parse(data, "192.168.1.2")
    assert found is None or found.kind == "tplink-kasa"


def test_an_answer_is_read() -> None:
    found = parse(answer(), "192.168.1.2")
    assert found is not None
    assert (found.via, found.name, found.hosts, found.port) == (Via.UDP, "Desk plug", ("192.168.1.2",), 9999)
    assert found.fields["mac"] == "50:C7:BF:AA:00:10"
    assert found.fields["model"] == "HS110(EU)"
    assert parse(QUESTION, "192.168.1.2") is None
    assert parse(answer(alias=["no"], mac=None), "192.168.1.2") is None


class Plug(asyncio.DatagramProtocol):
    transport: Any

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if data == QUESTION:
            self.transport.sendto(b"\xff" * 40, addr)
            self.transport.sendto(answer(), addr)


@pytest.mark.parametrize(
    ("address", "targets"),
    [("0.0.0.0", ()), ("127.0.0.1", ()), ("127.0.0.77", ("127.0.0.77",))],
    ids=["broadcast", "the interface", "a target"],
)
async def test_a_plug_is_found_and_missed(
    address: str, targets: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(udp_kasa, "ROUND", 0.05)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Plug, local_addr=(address, 0))
    monkeypatch.setattr(udp_kasa, "PORT", transport.get_extra_info("sockname")[1])
    heard: list[Announcement] = []
    here, left = anyio.Event(), anyio.Event()

    def hear(announcement: Announcement) -> None:
        heard.append(announcement)
        (left if announcement.gone else here).set()

    interfaces = chosen(["127.0.0.1"])
    source = Kasa(interfaces, hear, _allowing(interfaces), targets)
    async with anyio.create_task_group() as group:
        await group.start(source.run)
        with anyio.fail_after(20):
            await here.wait()
            transport.close()
            await left.wait()
        group.cancel_scope.cancel()
    assert heard[0].name == heard[-1].name == "Desk plug"
    assert heard[0].key == heard[-1].key


def _allowing(interfaces: Any) -> Callable[[str], bool]:
    return Neighbourhood(interfaces).allows
