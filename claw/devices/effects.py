"""What a command did, said in one line that a person can act on."""

from __future__ import annotations

from claw.devices.readback import Outcome
from claw.devices.values import agrees, say
from claw.model.affordance import Property
from claw.model.device import Device
from claw.model.json import Json
from claw.model.thing import Thing

SUPERSEDED = "superseded"


def no_answer(thing: Thing, device: Device | None) -> str:
    """An offline device, by name and place."""
    where = f" at {device.host}" if device is not None and device.host else ""
    return f"{thing.title} does not answer{where}; check its power."


def cut_off(thing: Thing) -> str:
    """A unit that its bridge answers for and cannot reach."""
    return f"{thing.title} cannot be reached by its bridge; is it switched off at the wall?"


def not_done(thing: Thing, prop: Property, asked: Json, old: Json, outcome: Outcome) -> str:
    """Why the read-back does not agree; empty when it does."""
    if outcome.verified:
        return ""
    # "it is still on" needs no noun; "its brightness is still 20 percent" does
    name = "" if prop.name == "on_off" else prop.title.lower()
    its, what = (f"its {name}", f"{name} ") if name else ("it", "")
    if not outcome.seen:
        if outcome.error is not None:
            return f"{thing.title} took the order, but {its} could not be read back: {outcome.error}"
        return f"{thing.title} took the order, but has not said what it did."
    is_now = say(outcome.value, prop)
    if outcome.moving:
        return f"{thing.title} is still on its way: {name or 'it'} is {is_now} of {say(asked, prop)}."
    if old is not None and agrees(prop, old, outcome.value):
        return f"{thing.title} took the order, but {its} is still {is_now}."
    return f"{thing.title} was asked for {what}{say(asked, prop)}, but reports {is_now}."
