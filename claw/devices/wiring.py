"""A thing joined to its wire: which exchange answers which properties, and how payloads become values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from claw.adapters import codec, forms
from claw.adapters.adapter import Adapter, BoundProperty, FormTemplate
from claw.devices.endpoint import endpoint
from claw.devices.values import observed
from claw.errors import AdapterError, CodecError, NotSupported
from claw.model.device import Device
from claw.model.form import Form, Target
from claw.model.json import Json, JsonObject
from claw.model.thing import Thing

ONLINE = "claw:online"  # stands among an exchange's properties where its answer tells whether the unit is there


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request, or one subscription, and the properties that its answer carries. Equal keys are one exchange."""

    key: str
    target: Target
    names: tuple[str, ...]


class Wiring:
    """One thing, its adapter and its device as they are now; made anew when any of them changes."""

    def __init__(self, thing: Thing, adapter: Adapter, device: Device) -> None:
        self.thing = thing
        self.adapter = adapter
        self.device = device
        self.endpoint = endpoint(adapter, device)
        if thing.model not in adapter.units:
            raise AdapterError(f"{adapter.title} no longer describes {thing.title!r}; adopt {thing.device_id} again.")
        self.unit = adapter.units[thing.model]
        self._selects: dict[tuple[str, str], str] = {}
        self._reads = self._group("read")
        self._observes = self._group("observe")

    def fits(self, thing: Thing, adapter: Adapter, device: Device) -> bool:
        """Whether this is still the wiring of these."""
        same = self.device is device or (self.device.id, self.device.hosts, self.device.announcements) == (
            device.id,
            device.hosts,
            device.announcements,
        )
        return self.thing is thing and self.adapter is adapter and same

    def bound(self, name: str) -> BoundProperty:
        """The property on the wire. `name` is one of the thing's."""
        return self.unit.properties[name]

    def reads(self, names: Iterable[str] | None = None) -> tuple[Exchange, ...]:
        """The exchanges that bring `names` (all that can be read), each once, and whether the unit is there."""
        if names is None:
            return self._reads
        wanted = frozenset((*names, ONLINE))
        return tuple(exchange for exchange in self._reads if not wanted.isdisjoint(exchange.names))

    def observes(self) -> tuple[Exchange, ...]:
        """The subscriptions that this thing lives on."""
        return self._observes

    def write(self, name: str, value: Json) -> tuple[Target, Json]:
        """What to send to write `value`. Raises NotSupported where the adapter has no way, CodecError for a value."""
        bound = self.bound(name)
        if bound.write is None:
            raise NotSupported(f"{bound.property.title} of {self.thing.title} can only be read.")
        wire = codec.encode(bound.codec, value)
        form, payload = forms.fill(bound.write, self.thing.vars, value=wire)
        return Target(self.endpoint, form), payload

    def invoke(self, name: str, arguments: JsonObject) -> tuple[Target, Json]:
        """What to send to run an action; its arguments fill the form's variables."""
        action = self.unit.actions[name]
        # the unit's own variables win: an argument cannot point the form elsewhere
        form, payload = forms.fill(action.form, {**arguments, **self.thing.vars}, value=dict(arguments))
        return Target(self.endpoint, form), payload

    def tells_reachable(self, name: str) -> bool:
        """Whether the answer that brings this property also tells whether the unit is there."""
        return any(name in exchange.names and ONLINE in exchange.names for exchange in self._reads)

    def reachable(self, names: Iterable[str], payload: Json, *, pushed: bool) -> bool | None:
        """Whether the bridge says that it can reach the unit; None when this answer or push is not about that.

        An answer that leaves it open counts as yes.
        """
        expression = self._selects.get(("observe" if pushed else "read", ONLINE))
        if expression is None or ONLINE not in names:
            return None
        said = forms.select(expression, payload)
        return None if said is None and pushed else said is not False

    def values(self, names: Iterable[str], payload: Json, *, pushed: bool) -> dict[str, Json | CodecError]:
        """What an answer says of each property; one that cannot be decoded does not spoil the others.

        A property that a push says nothing about is left out.
        """
        found: dict[str, Json | CodecError] = {}
        for name in names:
            if name == ONLINE:
                continue
            bound = self.bound(name)
            expression = self._selects.get(("observe" if pushed else "read", name))
            if expression is None:
                continue
            wire: Json = None
            try:
                wire = forms.select(expression, payload)
                if wire is None and pushed:
                    continue
                found[name] = observed(bound.property, codec.decode(bound.codec, wire))
            except CodecError as error:
                said = f"{self.thing.title} does not say its {bound.property.title.lower()} just now."
                found[name] = CodecError(said) if wire is None else error
        return found

    def _group(self, how: str) -> tuple[Exchange, ...]:
        targets: dict[str, Target] = {}
        names: dict[str, list[str]] = {}
        for name in (*self.thing.properties, ONLINE):
            bound = self.unit.online if name == ONLINE else self.unit.properties.get(name)
            template: FormTemplate | None = getattr(bound, how, None)
            if template is None:
                continue
            form, _ = forms.fill(template, self.thing.vars)
            self._selects[how, name] = str(form.terms.get("claw:select", template.select))
            key = _key(self.adapter.binding, form, self.device.id)
            targets.setdefault(key, Target(self.endpoint, form))
            names.setdefault(key, []).append(name)
        return tuple(Exchange(key, target, tuple(names[key])) for key, target in targets.items())


def _key(binding: str, form: Form, device_id: str) -> str:
    """What makes two reads one: the same request to the same device, whatever is selected from its answer."""
    terms: Mapping[str, Json] = {key: value for key, value in form.terms.items() if key != "claw:select"}
    return json.dumps([device_id, binding, form.method, form.href, terms], sort_keys=True, default=str)
