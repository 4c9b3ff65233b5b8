"""This machine's own addresses and subnets: where to listen, and whom to believe about addresses."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from claw.errors import SettingsError

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
MAX_INTERFACES = 32  # a machine with hundreds of container bridges is not asked on all of them


@dataclass(frozen=True, slots=True)
class Interface:
    """One address of this machine. `index` is the kernel's, the scope of link-local IPv6."""

    name: str
    index: int
    address: IPAddress
    prefix: int

    @property
    def network(self) -> IPNetwork:
        """The subnet that this address is in."""
        return ipaddress.ip_network(f"{self.address}/{self.prefix}", strict=False)

    @property
    def source(self) -> str:
        """The address as a socket wants it, with its scope."""
        scoped = isinstance(self.address, ipaddress.IPv6Address) and self.address.is_link_local
        return f"{self.address}%{self.index}" if scoped else str(self.address)


def bindable(address: str) -> bool:
    """Whether a socket can have this address: a quick yes that it is one of this machine's."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return address not in {"", "0.0.0.0", "::"}  # noqa: S104 - refused here


def own() -> tuple[Interface, ...]:
    """Every address of this machine, IPv4 first."""
    import ifaddr  # noqa: PLC0415 - ctypes; 40 ms that `import claw.app` need not pay

    found: list[Interface] = []
    for adapter in ifaddr.get_adapters():
        for ip in adapter.ips:
            raw = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            found.append(
                Interface(adapter.nice_name, adapter.index or 0, ipaddress.ip_address(raw), ip.network_prefix)
            )
    return tuple(sorted(found, key=lambda i: (i.address.version, i.index, int(i.address))))


def chosen(only: Sequence[str]) -> tuple[Interface, ...]:
    """The interfaces with the addresses in `only`; without any, all but loopback. Raises SettingsError."""
    mine = own()
    if not only:
        return tuple(i for i in mine if not i.address.is_loopback)[:MAX_INTERFACES]
    return tuple(_named(raw, mine) for raw in only)


def _named(raw: str, mine: Sequence[Interface]) -> Interface:
    try:
        address = ipaddress.ip_address(raw.partition("%")[0])
    except ValueError:
        raise SettingsError(f"--interface takes an IP address of this machine; {raw!r} is none.") from None
    for interface in mine:
        if interface.address == address:
            return interface
    for interface in mine:  # all of 127.0.0.0/8 is this machine, though only 127.0.0.1 is listed
        if address.is_loopback and address in interface.network:
            return Interface(interface.name, interface.index, address, interface.prefix)
    have = ", ".join(str(i.address) for i in mine)
    raise SettingsError(f"No interface here has the address {raw}; choose from {have}.")


class Neighbourhood:
    """Which addresses an announcement may claim: this LAN's, and loopback only when we were told to listen there.

    A printer that announces itself at 127.0.0.1 or at a host on the internet would turn us against that host.
    """

    def __init__(self, interfaces: Sequence[Interface]) -> None:
        self._networks = tuple(i.network for i in interfaces)
        self._loopback = any(i.address.is_loopback for i in interfaces)

    def allows(self, host: str) -> bool:
        """Whether we may talk to `host` because some announcement says so."""
        address = ipaddress.ip_address(host)
        if address.is_loopback:
            return self._loopback
        if address.is_private or address.is_link_local:
            return True
        return any(address in network for network in self._networks)  # False where the versions differ
