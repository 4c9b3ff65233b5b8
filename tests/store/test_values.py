from __future__ import annotations

import json
from dataclasses import asdict
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claw.capabilities import catalog
from claw.model.device import Device
from claw.model.effect import Effect
from claw.model.thing import Area, Thing
from claw.store.values import dump, load
from tests.store import samples


@settings(samples.LAW, max_examples=100)
@given(st.one_of(samples.things, samples.devices, samples.areas, samples.effects))
def test_what_comes_out_is_what_went_in(value: Thing | Device | Area | Effect) -> None:
    text = json.dumps(dump(value))
    back = load(type(value), json.loads(text))
    assert back == value
    assert json.dumps(dump(back)) == text  # True is not 1, and 1 is not 1.0


@pytest.mark.parametrize("name", catalog.names())
def test_every_capability_of_the_catalogue_survives(name: str) -> None:
    capability = catalog.capability(name)
    for prop in capability.properties.values():
        assert load(type(prop), dump(prop)) == prop
    for action in capability.actions.values():
        assert load(type(action), dump(action)) == action


def test_a_field_from_the_future_is_skipped_and_a_missing_one_takes_its_default() -> None:
    data = {"id": "attic", "name": "Attic", "smell": "dust"}
    assert load(Area, data) == Area("attic", "Attic")


def test_a_missing_field_without_default_is_an_error() -> None:
    with pytest.raises(TypeError, match="name"):
        load(Area, {"id": "attic"})


def test_read_only_mappings_and_tuples_are_json_too() -> None:
    assert dump(MappingProxyType({"a": (1, (2,))})) == {"a": [1, [2]]}


def test_loaded_values_are_as_frozen_as_the_originals() -> None:
    back = load(Thing, dump(samples.LAMP))
    assert asdict(back) == asdict(samples.LAMP)
    assert isinstance(back.receipts, tuple)
    assert isinstance(back.properties["color"].safe_values, tuple)
