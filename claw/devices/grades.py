"""How far a thing has been proved: its receipts, and the level they earn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from claw.adapters import verify
from claw.adapters.adapter import Adapter
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


def regraded(thing: Thing, before: Adapter | None, now: Adapter) -> Thing:
    """The thing under another document: what was proved stands only where nothing that drives it is different.

    Otherwise it keeps what can be shown without the device; consent was given to the other document, too.
    """
    model = now.units.get(thing.model)
    if before is not None and model is not None and _driving(before, thing.model) == _driving(now, thing.model):
        return thing
    fresh = replace(thing, receipts=(), level=Level.NONE, consented=False)
    if model is None:
        return fresh
    fresh = replace(
        fresh,
        capabilities=model.capabilities,
        properties={n: each.property for n, each in model.properties.items() if n in thing.properties},
        actions={n: each.action for n, each in model.actions.items() if n in thing.actions},
    )
    return graded(fresh, verify.static(now))


def _driving(adapter: Adapter, model: str) -> tuple[object, ...]:
    unit = adapter.units.get(model)
    how = replace(unit, title="") if unit is not None else None
    return adapter.binding, adapter.endpoint, adapter.match, adapter.credential, how


def shown(prop: Property, effect: Effect, at: float, *, told: bool = False) -> Receipt | None:
    """The rung-5 receipt of a person's own order that was seen to change something; None for any other.

    `told`: the wire hands over news alone, so that what was read back is what the device said to this very order.
    """
    unknown = effect.old is None and not told
    if not effect.verified or unknown or agrees(prop, effect.old, effect.new):
        return None
    detail = f"ordered {say(effect.asked, prop)}, read back {say(effect.new, prop)}"
    return Receipt(Level.WRITE_READ_BACK, passed=True, detail=detail, at=at, property=prop.name)
