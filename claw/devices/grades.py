"""How far a thing has been proved: its receipts, and the level they earn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from claw.adapters import verify
from claw.devices.values import agrees, say
from claw.model.affordance import Property
from claw.model.effect import Effect
from claw.model.level import Level, Receipt
from claw.model.thing import Thing


def merged(old: Iterable[Receipt], new: Iterable[Receipt]) -> tuple[Receipt, ...]:
    """The latest receipt of each rung and property, in the order of the ladder."""
    latest = {(receipt.level, receipt.property): receipt for receipt in (*old, *new)}
    return tuple(sorted(latest.values(), key=lambda each: (each.level, each.property)))


def graded(thing: Thing, receipts: Iterable[Receipt]) -> Thing:
    """The thing with these receipts added, at the level they earn."""
    kept = merged(thing.receipts, receipts)
    return replace(thing, receipts=kept, level=verify.level(kept))


def shown(prop: Property, effect: Effect, at: float, *, told: bool = False) -> Receipt | None:
    """The rung-5 receipt of a person's own order that was seen to change something; None for any other.

    `told`: the wire hands over news alone, so that what was read back is what the device said to this very order.
    """
    unknown = effect.old is None and not told
    if not effect.verified or unknown or agrees(prop, effect.old, effect.new):
        return None
    detail = f"ordered {say(effect.asked, prop)}, read back {say(effect.new, prop)}"
    return Receipt(Level.WRITE_READ_BACK, passed=True, detail=detail, at=at, property=prop.name)
