"""Answers about how things are, made of readings and their age."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from claw.brains.wording import Wording, ago, grammar, listed
from claw.model.intent import Command
from claw.model.json import Json
from claw.model.thing import Thing
from claw.understanding.questions import PROPERTIES

FRESH = 60.0  # seconds; older readings are told with their age
MANY = 6  # names in one answer
_QUIET = frozenset({"battery", "jammed", "obstructed", "snapshot", "stream", "group"})  # not part of "how is it"
_TOLD = frozenset({"what", "which", "count"})  # openers of questions that no yes or no answers
_PLAYING = {"on": "playing", "playing": "playing", "paused": "paused"}


@dataclass(frozen=True, slots=True)
class Told:
    """One thing's answer: readings by property as (value, at), and why it did not answer, if it did not."""

    thing: str
    readings: Mapping[str, tuple[Json, float]]
    error: str

    def value(self, name: str) -> Json:
        """A value, or None."""
        return self.readings[name][0] if name in self.readings else None


def wanted(command: Command, things: Mapping[str, Thing]) -> list[str]:
    """The properties that a question needs read."""
    names = list(PROPERTIES.get(command.query, ()))
    if command.query in {"on", "off"}:
        names.append("playback")
    if command.query == "title":
        names = ["title", "playback"]
    if not names:
        known = (things[thing] for thing in command.targets if thing in things)
        names = [n for n in dict.fromkeys(name for thing in known for name in thing.properties) if n not in _QUIET]
    if command.query == "temperature":
        names.append("target_temperature")
    return names


def told(data: Json, names: Sequence[str]) -> list[Told]:
    """The tool's data, by thing. Properties that nobody asked for are left out."""
    found: list[Told] = []
    answers: Any = data
    for thing, answer in answers.items():
        readings = {n: (r["value"], r["at"]) for n in names if (r := answer["readings"].get(n)) is not None}
        found.append(Told(thing, readings, answer["error"]))
    return found


def holds(key: str, one: Told) -> bool | None:
    """Whether a thing is in the state asked for; None when it has not said."""
    if key in {"on", "playing", "paused"} and "on_off" not in one.readings:
        playing = one.value("playback")
        return None if playing is None else playing == _PLAYING[key]
    if key == "off":
        on = holds("on", one)
        return None if on is None else not on
    if key == "closed":
        opened = holds("open", one)
        return None if opened is None else not opened
    if key in {"heating", "cooling"}:
        return _active(key, one)
    for name in PROPERTIES[key]:
        value = one.value(name)
        if value is not None:
            truth = value > 0 if isinstance(value, int | float) and not isinstance(value, bool) else value is True
            return not truth if key == "unlocked" else truth
    return None


def _active(key: str, one: Told) -> bool | None:
    if (activity := one.value("activity")) is not None:
        return activity == key
    heating = one.value("heating")
    return heating if isinstance(heating, bool) else None


class Answers:
    """Composes answers."""

    def __init__(self, wording: Wording, things: Mapping[str, Thing], now: float) -> None:
        self._wording = wording
        self._say = wording.phrases.say
        self._things = things
        self._now = now

    def answer(self, command: Command, data: Json) -> str:
        """One question's answer."""
        answers = told(data, wanted(command, self._things))
        states = {
            "on",
            "off",
            "open",
            "closed",
            "locked",
            "unlocked",
            "playing",
            "paused",
            "muted",
            "heating",
            "cooling",
        }
        if command.query in states:
            return self._state(command, answers)
        return " ".join(self._reading(command, one) for one in answers[:MANY]) + self._rest(answers)

    def _rest(self, answers: Sequence[Told]) -> str:
        return f" ({len(answers) - MANY} more.)" if len(answers) > MANY else ""

    def _age(self, answers: Sequence[Told]) -> str:
        ages = [self._now - at for one in answers for _, at in one.readings.values()]
        oldest = max(ages, default=0.0)
        return self._say("age", ago=ago(oldest)) if oldest > FRESH else ""

    def _state(self, command: Command, answers: Sequence[Told]) -> str:
        key = command.query
        silent = [one for one in answers if one.error or holds(key, one) is None]
        sure = [one for one in answers if one not in silent]
        right = [one for one in sure if holds(key, one)]
        parts: list[str] = []
        if len(answers) == 1 and sure:
            parts.append(self._one(sure[0], asked=command.text, yes=bool(right)))
        elif sure:
            parts.append(self._many(command, sure, right))
        parts.extend(self._missing(one) for one in silent[:MANY])
        return " ".join(parts)

    def _one(self, one: Told, *, asked: str, yes: bool) -> str:
        """Yes or no to "is it on?"; how it is to "what is on?"."""
        name, (value, _) = next(iter(one.readings.items()))
        told = asked in _TOLD
        return self._say(
            "reads" if told else "yes" if yes else "no",
            what=self._wording.title(one.thing) if told else self._wording.the(one.thing),
            state=self._wording.state(name, value),
            age=self._age([one]),
            **self._wording.verbs([one.thing]),
        )

    def _many(self, command: Command, sure: Sequence[Told], right: Sequence[Told]) -> str:
        key, ids = command.query, [one.thing for one in right]
        kind = self._wording.noun([one.thing for one in sure]) or "things"
        where = self._wording.area([one.thing for one in sure])
        kind = f"{kind} in the {where}" if where else kind
        age = self._age(right or sure)
        names = self._names(ids)
        if command.text == "is":
            if not right:
                return self._say("no_none", count=len(sure), kind=kind, age=age)
            if len(right) == len(sure):
                return self._say("all_of_them", count=len(sure), kind=kind, age=age)
            return self._say("yes_some", names=names, age=age)
        if not right:
            return self._say("list_none", kind=kind, state=key, age=age, **grammar(many=True))
        if len(ids) == 1 and command.text != "count":
            return self._one(right[0], asked="what", yes=True)
        return self._say("list_some", count=len(right), state=key, names=names, age=age, **grammar(many=len(ids) > 1))

    def _names(self, ids: Sequence[str]) -> str:
        titles = [self._wording.title(thing) for thing in ids]
        if len(titles) > MANY:
            return f"{', '.join(titles[:MANY])} and {len(titles) - MANY} more"
        return listed(titles)

    def _reading(self, command: Command, one: Told) -> str:
        known = {name: pair for name, pair in one.readings.items() if pair[0] is not None}
        if known.get("mute", (True,))[0] is False and len(known) > 1:
            del known["mute"]  # not muted is no news
        if known.get("on_off", (True,))[0] is False and command.query == "state":
            known = {"on_off": known["on_off"]}
        if one.error or not known:
            return self._missing(one)
        states = [self._wording.state(name, value) for name, (value, _) in known.items()]
        area = self._wording.area([one.thing])
        if command.query == "temperature" and len(command.targets) == 1 and area:
            return self._say("in_area", state=", ".join(states), area=area, age=self._age([one]))
        return self._say(
            "reading", what=self._wording.title(one.thing), state=", ".join(states), age=self._age([one])
        )

    def _missing(self, one: Told) -> str:
        what = self._wording.title(one.thing)
        words = self._wording.verbs([one.thing])
        known = self._things.get(one.thing)
        if one.error and (known is None or known.online):
            return self._say("unreadable", what=what, problem=one.error)
        last = next(((name, pair) for name, pair in one.readings.items() if pair[0] is not None), None)
        if one.error and last is not None:
            name, (value, at) = last
            state = self._wording.state(name, value)
            return self._say("outdated", what=what, state=state, ago=ago(self._now - at), **words)
        return self._say("offline_now" if one.error else "nothing_to_tell", what=what, **words)
