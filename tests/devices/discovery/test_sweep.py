"""The sweep stays inside our own subnets, keeps its pace, and finds what announces nothing."""

from __future__ import annotations

import ipaddress
import socket

import anyio
import pytest
from aiohttp import web

from claw.bus import Bus
from claw.devices.discovery.interfaces import Interface, chosen
from claw.devices.discovery.service import Discovery
from claw.devices.discovery.sweep import plan
from claw.errors import Forbidden, UsageError
from claw.model.announcement import Via
from tests.devices.discovery.lan import LOOPBACK, server

HOME = [Interface("eth0", 2, ipaddress.ip_address("192.168.1.50"), 24)]
CAMPUS = [Interface("eth0", 2, ipaddress.ip_address("10.1.2.3"), 8)]


@pytest.mark.parametrize("network", ["8.8.8.0/24", "192.168.2.0/24", "0.0.0.0/0", "192.168.0.0/23"])
def test_other_networks_are_refused_in_one_line(network: str) -> None:
    with pytest.raises(Forbidden, match=r"its own: 192\.168\.1\.0/24") as raised:
        plan([network], HOME)
    assert "\n" not in str(raised.value)


def test_a_network_beyond_22_bits_is_refused() -> None:
    with pytest.raises(UsageError, match="/22"):
        plan(["10.1.0.0/16"], CAMPUS)


@pytest.mark.parametrize("network", ["home", "fd00::/64", "192.168.1.0/99"])
def test_what_is_no_network_is_refused(network: str) -> None:
    with pytest.raises(UsageError, match="write it like"):
        plan([network], HOME)


def test_without_names_our_own_subnets_are_swept_cut_to_size() -> None:
    assert [str(network) for network in plan([], HOME)] == ["192.168.1.0/24"]
    assert [str(network) for network in plan([], CAMPUS)] == ["10.1.0.0/22"]
    assert plan([], chosen(["127.0.0.1"])) == (ipaddress.IPv4Network("127.0.0.0/22"),)


async def test_a_silent_web_server_is_found_and_named() -> None:
    asked: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.method)
        return web.Response(text="<html><title>My\x07 Gadget</title></html>", headers={"Server": "gadget/1"})

    async with server({"/": answer}) as base:
        port = int(base.rpartition(":")[2])
        found = await Discovery(Bus(), [LOOPBACK]).sweep(["127.0.0.1/32"], [port])
    (gadget,) = found
    assert (gadget.via, gadget.kind, gadget.hosts, gadget.port) == (Via.SWEEP, "http", (LOOPBACK,), port)
    assert gadget.fields["title"] == "My Gadget"
    assert gadget.fields["server"] == "gadget/1"
    assert asked == ["GET"]


async def test_what_speaks_no_http_is_passed_over() -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:

        def hang_up() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                connection.sendall(b"\xff\xffSSH-2.0-x\r\n")
                connection.close()

        async with anyio.create_task_group() as group:
            group.start_soon(anyio.to_thread.run_sync, hang_up)
            assert await Discovery(Bus(), [LOOPBACK]).sweep(["127.0.0.1/32"], [listener.getsockname()[1]]) == ()


async def test_the_pace_is_kept(free_tcp_port: int) -> None:
    started = anyio.current_time()
    await Discovery(Bus(), [LOOPBACK]).sweep(["127.0.0.0/28"], [free_tcp_port], rate=100)
    assert anyio.current_time() - started >= 0.13
