"""Values to keep: everyday ones, and every one that there can be."""

from __future__ import annotations

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from claw.model.affordance import Action, Property, Risk
from claw.model.announcement import Announcement, Via
from claw.model.context import Context
from claw.model.device import Device
from claw.model.effect import Effect
from claw.model.identity import Identity, Scheme
from claw.model.json import Json
from claw.model.level import Level, Receipt
from claw.model.thing import Area, Thing

# one store serves all examples of a law, and a busy machine is no failure
LAW = settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

LAMP = Thing(
    id="kitchen-lamp",
    title="Kitchen lamp",
    device_id="hue-1",
    adapter_id="urn:claw:adapter:hue",
    unit="3",
    model="light",
    capabilities=("light",),
    properties={
        "brightness": Property("brightness", "Brightness", "integer", "percent", minimum=0, maximum=100, step=1.0),
        "color": Property("color", "Colour", "object", safe_values=({"hue": 0},), names={"hap": "Hue"}),
    },
    actions={"identify": Action("identify", "Identify", Risk.HARMLESS, {"seconds": "integer"})},
    vars={"light": 3, "path": ["a", 1.0, True, None]},
    area="kitchen",
    level=Level.LIVE_READ,
    receipts=(Receipt(Level.SCHEMA, passed=True, detail="valid", at=1700000000.25),),
)


def effect(thing: str = "kitchen-lamp", new: Json = 1) -> Effect:
    return Effect(thing, "on_off", old=False, new=new, asked=new, verified=True, ms=1.5, title="Kitchen lamp")


# any string that a device may claim, NUL and half surrogate pairs included
_text = st.text(st.characters(exclude_categories=()), max_size=12)
_id = st.from_regex(r"[a-z0-9][a-z0-9-]{0,15}", fullmatch=True)
_number = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False)
_json = st.recursive(
    st.none() | st.booleans() | _number | _text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_text, inner, max_size=3),
    max_leaves=6,
)
_texts = st.lists(_text, max_size=3).map(tuple)
_maybe = st.none() | _number

properties = st.builds(
    Property, name=_text, title=_text, type=_text, unit=_text, minimum=_maybe, maximum=_maybe, step=_maybe,
    enum=_texts, read_only=st.booleans(), observable=st.booleans(), matter=_text, risk=st.sampled_from(Risk),
    safe_values=st.lists(_json, max_size=2).map(tuple), safe_range=st.none() | st.tuples(_number, _number),
    safe_direction=_text, settle=_number, tolerance=_number,
    names=st.dictionaries(_text, _text, max_size=2),
)  # fmt: skip
actions = st.builds(
    Action, name=_text, title=_text, risk=st.sampled_from(Risk), input=st.dictionaries(_text, _text, max_size=2)
)
receipts = st.builds(
    Receipt, level=st.sampled_from(Level), passed=st.booleans(), detail=_text, at=_number, property=_text
)
things = st.builds(
    Thing, id=_id, title=_text, device_id=_id, adapter_id=_text, unit=_text, model=_text, capabilities=_texts,
    properties=st.dictionaries(_text, properties, max_size=2), actions=st.dictionaries(_text, actions, max_size=2),
    vars=st.dictionaries(_text, _json, max_size=2), area=_text, aliases=_texts, level=st.sampled_from(Level),
    receipts=st.lists(receipts, max_size=2).map(tuple), online=st.booleans(), consented=st.booleans(),
)  # fmt: skip
identities = st.builds(Identity, scheme=st.sampled_from(Scheme), value=_text)
announcements = st.builds(
    Announcement, via=st.sampled_from(Via), kind=_text, name=_text, hosts=_texts, port=st.integers(0, 65535),
    fields=st.dictionaries(_text, _text, max_size=2), location=st.none() | _text, gone=st.booleans(),
)  # fmt: skip
devices = st.builds(
    Device, id=_id, title=_text, identities=st.frozensets(identities, max_size=3), hosts=_texts,
    announcements=st.lists(announcements, max_size=2).map(tuple), manufacturer=_text, model=_text,
    online=st.booleans(), first_seen=_number, last_seen=_number, ignored=st.booleans(),
)  # fmt: skip
areas = st.builds(Area, id=_id, name=_text, aliases=_texts, floor=_text)
contexts = st.builds(Context, origin=_text, id=_id, parent=st.none() | _id)
effects = st.builds(
    Effect, thing=_id, property=_text, old=_json, new=_json, asked=_json, verified=st.booleans(), ms=_number,
    title=_text, problem=_text, settling=st.booleans(),
)  # fmt: skip
documents = st.dictionaries(_text, _json, max_size=4)
values = _json
texts = _text
