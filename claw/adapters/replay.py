"""Rung 3 of the ladder: an adapter against captured exchanges, without a device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from claw.adapters import exchange, expand, forms, laws, match, values
from claw.adapters.adapter import Adapter, BoundProperty
from claw.adapters.expand import Key, UnitInstance
from claw.errors import ClawError, CodecError
from claw.model.json import Json


@dataclass(frozen=True, slots=True)
class Capture:
    """What a device once answered (`answers` by method and href), and what that should mean (`expect`)."""

    answers: Mapping[Key, Json]
    expect: Mapping[str, Any]

    @classmethod
    def of(cls, fixture: Mapping[str, Any]) -> Capture:
        """A fixture document as a capture."""
        answers = {(each["method"], each["href"]): each["answer"] for each in fixture["exchanges"]}
        return cls(answers, fixture["expect"])


def problems(adapter: Adapter, capture: Capture) -> Iterator[str]:
    """Where the adapter and the capture disagree, one line each."""
    found = {each.unit: each for each in expand.units(adapter, capture.answers)}
    yield from _units(found, capture)
    for unit, readings in capture.expect.get("readings", {}).items():
        if unit in found:
            yield from _readings(adapter, found[unit], readings, capture)
    for instance in found.values():
        yield from _online(adapter, instance, capture)
    for write in capture.expect.get("writes", ()):
        if write["unit"] in found:
            yield from _write(adapter, found[write["unit"]], write)
    for call in capture.expect.get("actions", ()):
        if call["unit"] in found:
            yield from _action(adapter, found[call["unit"]], call)
    for push in capture.expect.get("pushes", ()):
        if push["unit"] in found:
            yield from _push(adapter, found[push["unit"]], push)
    yield from _identities(adapter, capture)


def _units(found: Mapping[str, UnitInstance], capture: Capture) -> Iterator[str]:
    got = {each.unit: {"unit": each.unit, "title": each.title, "model": each.model} for each in found.values()}
    for want in capture.expect["units"]:
        have = got.pop(want["unit"], None)
        if have is None:
            yield f"there is no unit {want['unit']!r}; there are: {', '.join(found) or 'none'}"
        elif any(have[key] != want[key] for key in have):
            yield f"unit {want['unit']!r} is {have}, not {want}"
        elif set(want.get("lacks", ())) != found[want["unit"]].lacks:
            lacks = ", ".join(sorted(found[want["unit"]].lacks)) or "nothing"
            yield f"unit {want['unit']!r} lacks {lacks}"
    yield from (f"unit {unit!r} was not expected" for unit in got)


def _readings(
    adapter: Adapter, instance: UnitInstance, readings: Mapping[str, Json], capture: Capture
) -> Iterator[str]:
    bounds = adapter.units[instance.model].properties
    for name in bounds.keys() - readings.keys() - instance.lacks:
        yield f"{instance.unit}.{name} has no expected reading"
    for name, want in readings.items():
        bound = bounds[name]
        where = f"{instance.unit}.{name}"
        try:
            form = exchange.read_form(bound, instance.vars)
            payload = capture.answers[form.method, form.href]
            got = exchange.answer(bound, form, payload)
        except KeyError:
            yield f"{where}: nothing was captured for the href of its read form"
            continue
        except ClawError as error:
            yield f"{where}: {error}"
            continue
        agree = got == want and type(got) is type(want)
        if not agree and not (want is not None and values.close(bound.property, want, got)):
            yield f"{where} reads {got!r}, not {want!r}"
        if why := _wire(bound, forms.select(str(form.terms.get("claw:select", "@")), payload)):
            yield f"{where}: {why}"


def _online(adapter: Adapter, instance: UnitInstance, capture: Capture) -> Iterator[str]:
    online = adapter.units[instance.model].online
    want = instance.unit not in capture.expect.get("offline", ())
    if online is None:
        if not want:
            yield f"{instance.unit} is said to be offline, but its model has no 'claw:online'"
        return
    form, _ = forms.fill(online.read, instance.vars)
    if (form.method, form.href) not in capture.answers:
        yield f"{instance.unit}: nothing was captured for the href of its claw:online"
        return
    got = exchange.reachable(online.read, instance.vars, capture.answers[form.method, form.href]) is not False
    if got != want:
        yield f"{instance.unit} is {'online' if got else 'offline'}, not {'online' if want else 'offline'}"


def _wire(bound: BoundProperty, wire: Json) -> str:
    """The second half of the codec law; a colour is left out, since it comes without its brightness."""
    if wire is None or bound.write is None or bound.property.type == "object":
        return ""
    return laws.broken_wire(bound, wire)


def _write(adapter: Adapter, instance: UnitInstance, want: Mapping[str, Any]) -> Iterator[str]:
    bound = adapter.units[instance.model].properties[want["property"]]
    try:
        form, payload = exchange.order(bound, want["value"], instance.vars)
    except ClawError as error:
        yield f"{instance.unit}.{want['property']}: {error}"
        return
    yield from _sent(f"{instance.unit}.{want['property']}", (form.method, form.href, payload), want)


def _action(adapter: Adapter, instance: UnitInstance, want: Mapping[str, Any]) -> Iterator[str]:
    form, payload = forms.fill(adapter.units[instance.model].actions[want["action"]].form, instance.vars)
    yield from _sent(f"{instance.unit}.{want['action']}", (form.method, form.href, payload), want)


def _sent(where: str, got: tuple[str, str, Json], want: Mapping[str, Any]) -> Iterator[str]:
    wanted = (want["method"], want["href"], want.get("body"))
    if got != wanted:
        yield f"{where} sends {got}, not {wanted}"


def _push(adapter: Adapter, instance: UnitInstance, want: Mapping[str, Any]) -> Iterator[str]:
    online = adapter.units[instance.model].online
    if want["property"] == "claw:online" and online is not None and online.observe is not None:
        said = exchange.reachable(online.observe, instance.vars, want["payload"])
        if said != want["value"]:
            yield f"{instance.unit}: claw:online is pushed as {said!r}, not {want['value']!r}"
        return
    bound = adapter.units[instance.model].properties[want["property"]]
    if bound.observe is None:
        yield f"{instance.unit}.{want['property']} is not observed"
        return
    form, _ = forms.fill(bound.observe, instance.vars)
    try:
        got = exchange.answer(bound, form, want["payload"])
    except CodecError as error:
        yield f"{instance.unit}.{want['property']}: {error}"
        return
    if not (got == want["value"] or values.close(bound.property, want["value"], got)):
        yield f"{instance.unit}.{want['property']} is pushed as {got!r}, not {want['value']!r}"


def _identities(adapter: Adapter, capture: Capture) -> Iterator[str]:
    want = capture.expect.get("identities", [])
    got = [str(each) for each in match.identities_in(adapter, capture.answers)]
    if got != want:
        yield f"it says that it is {got}, not {want}"
