"""The guard itself: nothing gets out of this machine by any door."""

from __future__ import annotations

import socket
from collections.abc import Callable

import pytest

from tests.support.sockets import Blocked

AWAY = ("192.0.2.1", 9)


def udp(act: Callable[[socket.socket], object]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        act(sock)


@pytest.mark.parametrize(
    "act",
    [
        lambda: udp(lambda sock: sock.sendto(b"x", AWAY)),
        lambda: udp(lambda sock: sock.sendmsg([b"x"], [], 0, AWAY)),
        lambda: udp(lambda sock: sock.connect(AWAY)),
        lambda: socket.create_connection(AWAY, 0.1),
        lambda: socket.getaddrinfo("example.com", 80),
        lambda: socket.getaddrinfo(b"example.com", 80),
        lambda: socket.gethostbyname("example.com"),
    ],
)
def test_every_way_out_is_closed(act: Callable[[], object]) -> None:
    with pytest.raises(Blocked):
        act()


def test_this_machine_and_its_multicast_are_open() -> None:
    udp(lambda sock: sock.sendto(b"x", ("127.0.0.1", 9)))
    assert socket.getaddrinfo("localhost", 80)
