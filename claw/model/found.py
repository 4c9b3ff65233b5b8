"""What a search of the network found."""

from __future__ import annotations

from dataclasses import dataclass

from claw.model.device import Device
from claw.model.thing import Thing


@dataclass(frozen=True, slots=True)
class Found:
    """A device on the network. `things`: what is driven of it; `needs`: what using it would take, if anything."""

    device: Device
    things: tuple[Thing, ...] = ()
    needs: str = ""
