"""A bound property against one exchange: what an answer says in human units, and what to send for a value."""

from __future__ import annotations

from collections.abc import Mapping

from claw.adapters import codec, forms, values
from claw.adapters.adapter import BoundProperty, FormTemplate
from claw.errors import CodecError, InvalidValue, NotSupported
from claw.model.form import Form
from claw.model.json import Json


def read_form(bound: BoundProperty, variables: Mapping[str, Json]) -> Form:
    """The form to read with. Raises NotSupported when the device only tells by itself."""
    if bound.read is None:
        raise NotSupported(f"{bound.property.title} cannot be asked for; the device tells when it changes.")
    return forms.fill(bound.read, variables)[0]


def answer(bound: BoundProperty, form: Form, payload: Json) -> Json:
    """The human value in `payload`; None when the device does not say. Raises CodecError."""
    expression = form.terms.get("claw:select", "@")
    wire = forms.select(expression if isinstance(expression, str) else "@", payload)
    try:
        value = codec.decode(bound.codec, wire)
    except CodecError:
        if wire is None:
            return None
        raise
    if value is None:
        return None
    if bound.property.type == "integer" and isinstance(value, float) and value.is_integer():
        value = int(value)
    if why := _shape(bound, value):
        raise CodecError(f"{bound.property.title} {why}; the device says {value!r:.60}.")
    return value


def order(bound: BoundProperty, value: Json, variables: Mapping[str, Json]) -> tuple[Form, Json]:
    """The form and payload that write `value`. Raises InvalidValue before anything is sent, or NotSupported."""
    if bound.write is None:
        raise NotSupported(f"{bound.property.title} can only be read.")
    if why := values.problem(bound.property, value):
        raise InvalidValue(f"{bound.property.title} {why}, not {value!r:.60}.")
    return forms.fill(bound.write, variables, codec.encode(bound.codec, value))


def reachable(template: FormTemplate, variables: Mapping[str, Json], payload: Json) -> bool | None:
    """What an answer or a push says of a unit's being there; None when it leaves that open."""
    form, _ = forms.fill(template, variables)
    said = forms.select(str(form.terms.get("claw:select", "@")), payload)
    return None if said is None else said is not False


def _shape(bound: BoundProperty, value: Json) -> str:
    """Type only: a device may be out of our range (a spa at 42 degrees), and the truth is still the truth."""
    spec = bound.property
    if spec.type in ("integer", "number") and isinstance(value, int | float) and not isinstance(value, bool):
        return ""
    return values.problem(spec, value)
