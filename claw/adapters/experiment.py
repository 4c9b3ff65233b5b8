"""Rung 5 of the ladder: write a harmless value, read it back, and put everything back as it was, whatever happens.

Locks, doors, garages, alarms and anything that heats are never touched, with or without consent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import anyio

from claw.adapters import values
from claw.errors import ClawError
from claw.model.affordance import Property, Risk
from claw.model.json import Json

HARMLESS: Mapping[str, tuple[str, ...]] = {
    "light": ("on_off", "brightness", "color_temperature", "color"),
    "speaker": ("volume",),
    "cover": ("position",),
}
NAMED: Mapping[str, tuple[str, ...]] = {"switch": ("on_off",), "fan": ("on_off",)}  # who knows what hangs on it
PASSIVE = frozenset({"sensor", "contact", "motion"})
STEPS = {"brightness": 15.0, "color_temperature": 600.0, "volume": 4.0, "position": 4.0}
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5  # seconds between looks
GRACE = 1.0  # seconds beyond a property's own settling time
RESTORE_TRIES = 3
RESTORE_LIMIT = 90.0  # seconds; a shade may need twenty for each try


class Probe(Protocol):
    """A live thing, as the ladder needs it."""

    @property
    def capabilities(self) -> tuple[str, ...]:
        """What it is."""
        ...

    @property
    def properties(self) -> Mapping[str, Property]:
        """What it offers."""
        ...

    async def read(self, *names: str) -> Mapping[str, Json]:
        """Human values, straight from the device; None where it does not say. Raises DeviceError or CodecError."""
        ...

    async def write(self, name: str, value: Json) -> object:
        """Send a value; the answer proves nothing. Raises ClawError."""
        ...


@dataclass(frozen=True, slots=True)
class Consent:
    """An owner's yes. `harmless`: to experiments on harmless things; `named`: to this very thing, by its name."""

    harmless: bool = False
    named: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """What one experiment showed."""

    property: str
    passed: bool
    detail: str


def allowed(thing: Probe, consent: Consent) -> tuple[str, ...]:
    """The properties that may be tried on this thing, in order."""
    known = HARMLESS.keys() | NAMED.keys() | PASSIVE
    if not (consent.harmless or consent.named) or set(thing.capabilities) - known:
        return ()
    names: list[str] = []
    for capability in thing.capabilities:
        names += HARMLESS.get(capability, ())
        names += NAMED.get(capability, ()) if consent.named else ()
    if "switch" in thing.capabilities and not consent.named:
        names = [name for name in names if name != "on_off"]
    specs = thing.properties
    harmless = (name for name in names if name in specs and specs[name].risk <= Risk.HARMLESS)
    return tuple(dict.fromkeys(name for name in harmless if not specs[name].read_only))


def trial(spec: Property, old: Json) -> Json:
    """Another value that shows a difference and bothers nobody; None when there is none."""
    if isinstance(old, bool):
        return not old
    if spec.type == "object":
        hue = old.get("hue") if isinstance(old, Mapping) else None
        return {"hue": (float(hue) + 90) % 360 if isinstance(hue, int | float) else 30.0, "saturation": 80.0}
    if spec.type not in ("integer", "number") or spec.name not in STEPS:
        return None
    low, high = spec.minimum or 0.0, 100.0 if spec.maximum is None else spec.maximum
    if not isinstance(old, int | float):
        # a light that shows a colour has no white of its own; nothing else may start from the unknown
        return round((low + high) / 2) if spec.name == "color_temperature" else None
    step = STEPS[spec.name]
    # downwards first: quieter, dimmer
    new = old - step if old - step >= max(low, 1.0) else old + step
    return round(new) if new <= high and step > 1 + spec.tolerance else None


async def experiment(thing: Probe, names: tuple[str, ...], report: Callable[[Finding], None]) -> None:
    """Try each property, restoring all of them after each. Cancelled, it restores first."""
    watched = tuple(name for name, spec in thing.properties.items() if not spec.read_only and name in _kin(names))
    before = dict(await thing.read(*watched))
    for name in names:
        spec = thing.properties[name]
        value = trial(spec, before.get(name))
        if value is None or values.problem(spec, value):
            continue
        problem = "interrupted"
        try:
            problem = await _try(thing, name, value, before)
        except ClawError as error:
            problem = str(error)
        finally:
            left = await _restore(thing, before, name)
            detail = problem or f"wrote {value!r}, read it back"
            detail += f"; NOT restored: {left}" if left else "; restored"
            report(Finding(name, not problem and not left, detail))


def _kin(names: tuple[str, ...]) -> frozenset[str]:
    """A light's properties change each other, so all of them are put back."""
    light = frozenset(HARMLESS["light"])
    return frozenset(names) | light if light & set(names) else frozenset(names)


async def _try(thing: Probe, name: str, value: Json, before: Mapping[str, Json]) -> str:
    if name != "on_off" and before.get("on_off") is False and "on_off" in thing.properties:
        await thing.write("on_off", True)  # noqa: FBT003 - a value, not a switch of the call
    await thing.write(name, value)
    seen = await _settled(thing, name, value)
    return "" if values.close(thing.properties[name], value, seen) else f"wrote {value!r}, but it says {seen!r}"


async def _settled(thing: Probe, name: str, value: Json) -> Json:
    """What the device says once it agrees, or when its time is up."""
    spec = thing.properties[name]
    seen: Json = None
    pause = FIRST_PAUSE
    with anyio.move_on_after(spec.settle + GRACE):
        while True:
            seen = (await thing.read(name)).get(name)
            if values.close(spec, value, seen):
                return seen
            await anyio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
    return seen


async def _restore(thing: Probe, before: Mapping[str, Json], tried: str) -> str:
    """Put every value back; names what could not be. Neither raises nor lets itself be cancelled.

    What was tried is written again even where it agrees: a shade that is still under way is only passing by.
    """
    left: dict[str, Json] = dict(before)
    problem = "no time left"
    with anyio.move_on_after(RESTORE_LIMIT, shield=True):
        for again in range(RESTORE_TRIES):
            try:
                left = await _differing(thing, before)
                if not again and before.get(tried) is not None:
                    left = {tried: before[tried], **left}
                for name in sorted(left, key=lambda each: (each == "on_off") is not before.get("on_off")):
                    await thing.write(name, left[name])
                    await _settled(thing, name, left[name])
                left = await _differing(thing, before)
                problem = "it did not obey"
            except ClawError as error:
                problem = str(error)
            else:
                if not left:
                    return ""
    return ", ".join(f"{name} was {value!r}" for name, value in left.items()) + f" ({problem})"


async def _differing(thing: Probe, before: Mapping[str, Json]) -> dict[str, Json]:
    now = await thing.read(*before)
    known = {name: value for name, value in before.items() if value is not None}
    return {name: old for name, old in known.items() if not values.close(thing.properties[name], old, now.get(name))}
