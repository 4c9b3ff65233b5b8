"""The verification ladder: what has been proved about an adapter and a thing, as receipts.

0 schema, 1 capability conformance, 2 codec law, 3 replay on capture: `static`, without the device.
4 live read, 5 write, read back, restore: `live`, on the device. 6, witnessed, is given by whoever saw it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import anyio

from claw.adapters import experiment, laws, replay, schema, values
from claw.adapters.adapter import Adapter
from claw.adapters.document import parse
from claw.adapters.experiment import Consent, Finding, Probe
from claw.capabilities import catalog
from claw.errors import AdapterError, ClawError
from claw.model.level import Level, Receipt

__all__ = ["Consent", "Probe", "level", "live", "static"]

Clock = Callable[[], float]
READ_LIMIT = 30.0  # seconds for one reading of the whole thing
MAX_PROBLEMS = 3  # said in one receipt


def static(
    adapter: Adapter, fixture: Mapping[str, Any] | None = None, *, now: Clock = time.time
) -> tuple[Receipt, ...]:
    """Receipts for rungs 0 to 2, and 3 when there is a capture. Stops at the first rung that fails."""
    receipts: list[Receipt] = []
    for rung, check, said in (
        (Level.SCHEMA, _schema, "valid W3C Thing Model, every term known"),
        (Level.CONFORMANCE, laws.conformance, "keeps what its capabilities promise"),
        (Level.CODEC_LAW, laws.inversion, "every codec inverts"),
    ):
        receipts.append(_receipt(rung, list(check(adapter)), said, now))
        if not receipts[-1].passed:
            return tuple(receipts)
    if fixture is not None:
        receipts.append(_receipt(Level.REPLAY, _replay(adapter, fixture), "agrees with its capture", now))
    return tuple(receipts)


async def live(thing: Probe, consent: Consent | None = None, *, now: Clock = time.time) -> tuple[Receipt, ...]:
    """Receipts for rung 4, and for rung 5 where `consent` allows. The thing is left as it was found.

    A rung-5 receipt is only given for what was really tried; without one the level stays 4.
    """
    receipts = await _reads(thing, now)
    names = experiment.allowed(thing, consent or Consent())
    if names and all(receipt.passed for receipt in receipts):

        def keep(found: Finding) -> None:
            receipts.append(Receipt(Level.WRITE_READ_BACK, found.passed, found.detail, now(), found.property))

        try:
            await experiment.experiment(thing, names, keep)
        except ClawError as error:
            receipts.append(Receipt(Level.WRITE_READ_BACK, passed=False, detail=str(error), at=now()))
    return tuple(receipts)


def level(receipts: Iterable[Receipt]) -> Level:
    """The highest rung with a passed receipt below which, and on which, none failed.

    Of several receipts for one rung and property the latest counts. A rung without receipts is no obstacle:
    an adapter compiled on the spot has no capture, and its live read shows more than a replay would.
    """
    latest: dict[tuple[Level, str], Receipt] = {}
    for receipt in sorted(receipts, key=lambda each: each.at):
        latest[receipt.level, receipt.property] = receipt
    failed = min((each.level for each in latest.values() if not each.passed), default=Level.WITNESSED + 1)
    return max((each.level for each in latest.values() if each.passed and each.level < failed), default=Level.NONE)


def _receipt(rung: Level, problems: list[str], said: str, now: Clock) -> Receipt:
    detail = "; ".join(problems[:MAX_PROBLEMS]) or said
    more = f" (and {len(problems) - MAX_PROBLEMS} more)" if len(problems) > MAX_PROBLEMS else ""
    return Receipt(rung, not problems, detail + more, now())


def _schema(adapter: Adapter) -> list[str]:
    try:
        schema.validate_model(adapter.document)
        parse(adapter.document)
    except AdapterError as error:
        return [str(error)]
    return []


def _replay(adapter: Adapter, fixture: Mapping[str, Any]) -> list[str]:
    try:
        return list(replay.problems(adapter, replay.Capture.of(fixture)))
    except (KeyError, TypeError, AttributeError) as error:
        return [f"the capture is not in order: {type(error).__name__} {error}"]


async def _reads(thing: Probe, now: Clock) -> list[Receipt]:
    required = {
        name
        for each in thing.capabilities
        for name in catalog.capability(each).properties
        if name not in catalog.capability(each).optional
    }
    found = None
    problem = f"did not answer within {READ_LIMIT:g} s"
    with anyio.move_on_after(READ_LIMIT):
        try:
            found = await thing.read(*thing.properties)
        except ClawError as error:
            problem = str(error)
    if found is None:
        return [Receipt(Level.LIVE_READ, passed=False, detail=problem, at=now())]
    receipts = []
    for name, spec in thing.properties.items():
        value = found.get(name)
        if value is None:
            off = found.get("on_off") is False
            why = "says nothing" if name in required and not off else ""
            detail = why or ("says nothing while it is off" if off else "answered; it has no value at present")
        else:
            why = values.problem(spec, value)
            detail = f"reads {value!r:.80}, but {why}" if why else f"reads {value!r:.80}"
        receipts.append(Receipt(Level.LIVE_READ, not why, detail, now(), name))
    return receipts
