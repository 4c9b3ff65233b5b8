"""What every simulated device stands on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from anyio.abc import TaskGroup

from claw.simulator.addresses import Block
from claw.simulator.clock import Clock
from claw.simulator.mdns import Mdns
from claw.simulator.ssdp import Ssdp


@dataclass(frozen=True, slots=True)
class Ground:
    """The shared clock, announcers, addresses, task group and folder of one house; `serial` tells houses apart."""

    clock: Clock
    mdns: Mdns
    ssdp: Ssdp
    block: Block
    tasks: TaskGroup
    folder: Path
    serial: str
    seed: int

    def mac(self, number: int, vendor: str = "001788") -> str:
        """A MAC address, twelve lower-case hex digits, unique per house and device."""
        return f"{vendor}{self.serial[:4]}{number:02x}"
