"""The reply to an order, made of its effects and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from claw.brains.wording import Wording
from claw.model.effect import Effect
from claw.model.intent import Intent
from claw.model.thing import Thing
from claw.tools.invoke_action import UNSEEN


@dataclass(frozen=True, slots=True)
class Reply:
    """What a person gets back. `asked`: the house waits for an answer."""

    text: str
    intents: tuple[Intent, ...] = ()
    effects: tuple[Effect, ...] = ()
    asked: bool = False


def report(effects: Sequence[Effect], wording: Wording, things: Mapping[str, Thing]) -> str:
    """What happened, grouped; only what was read back is told as fact."""
    told = _told(effects)
    groups: dict[tuple[str, ...], list[Effect]] = {}
    for effect in told:
        groups.setdefault(_kind(effect, wording, things), []).append(effect)
    return " ".join(_sentence(key[0], group, wording) for key, group in groups.items())


def _told(effects: Sequence[Effect]) -> list[Effect]:
    """The last effect on each property. Waking a lamp is no news beside its reason; nothing is, once it is off."""
    last = {(effect.thing, effect.property): effect for effect in effects}
    busy = {effect.thing for effect in last.values() if effect.property != "on_off"}
    off = {e.thing for e in last.values() if e.property == "on_off" and e.verified and e.new is False}
    told: list[Effect] = []
    for effect in last.values():
        woken = effect.property == "on_off" and effect.asked is True and effect.thing in busy
        dark = effect.property != "on_off" and effect.thing in off
        if not (effect.verified and (woken or dark)):
            told.append(effect)
    return told


def _kind(  # noqa: PLR0911 - one line a case
    effect: Effect, wording: Wording, things: Mapping[str, Thing]
) -> tuple[str, ...]:
    """What sort of sentence an effect makes, and what it may share one with."""
    if effect.verified:
        already = effect.old == effect.new and effect.old is not None
        return ("already" if already else "is", effect.property, wording.state(effect.property, effect.new))
    if effect.settling:
        blind = effect.new is None
        return (
            "settling_blind" if blind else "settling",
            effect.property,
            wording.state(effect.property, effect.new),
        )
    if effect.problem == "superseded":
        return ("superseded", effect.thing)
    if effect.problem == UNSEEN:
        return ("no_proof", effect.property)
    known = things.get(effect.thing)
    if effect.new is None and known is not None and not known.online:
        return ("offline",)
    if effect.problem:
        return ("problem", effect.problem)
    return ("no_proof" if effect.new is None else "disagrees", effect.thing, effect.property)


def _sentence(kind: str, group: Sequence[Effect], wording: Wording) -> str:
    first = group[0]
    things = [effect.thing for effect in group]
    if kind == "is" and len(set(things)) == 1:
        kind = "is_proved"
    if kind == "problem" and not any(wording.title(thing) in first.problem for thing in things):
        kind = "problem_of"  # a wire's own words do not say whose trouble it is
    return wording.phrases.say(
        kind,
        what=wording.subject(things),
        state=wording.state(first.property, first.new),
        asked=wording.state(first.property, first.asked),
        problem=first.problem,
        ms=max(1, round(first.ms)),
        **wording.verbs(things),
    )
