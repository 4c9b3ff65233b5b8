"""What a command did to the house, as observed."""

from __future__ import annotations

from dataclasses import dataclass

from claw.model.json import Json


@dataclass(frozen=True, slots=True)
class Effect:
    """One property after one command. `new` is what the device was read back to say, never what was asked.

    `verified`: the read-back agrees with `asked`. `problem`: one line when it does not. `settling`: the device
    has taken the order and is still on its way (a shade that moves). `ms`: from the call to the last read-back.
    """

    thing: str
    property: str
    old: Json
    new: Json
    asked: Json
    verified: bool
    ms: float
    title: str = ""
    problem: str = ""
    settling: bool = False
