from __future__ import annotations

import pytest

from claw.capabilities import catalog
from claw.errors import NotFound
from claw.model.affordance import Risk

ISSUE = {
    "switch", "light", "fan", "thermostat", "cover", "speaker", "lock", "garage_door", "camera",
    "sensor", "contact", "motion", "pool", "circuit",
}  # fmt: skip
UNITS = {
    "", "percent", "kelvin", "celsius", "lux", "hectopascal", "ppm", "watt", "kilowatt_hour", "volt", "ampere",
}  # fmt: skip


def test_every_capability_that_was_promised_is_there() -> None:
    assert set(catalog.names()) >= ISSUE


@pytest.mark.parametrize("name", catalog.names())
def test_properties_are_complete(name: str) -> None:
    capability = catalog.capability(name)
    assert capability.properties
    assert set(capability.names) == {"matter", "hap", "home_assistant", "google"}
    assert capability.optional <= set(capability.properties) | set(capability.actions)
    for prop in capability.properties.values():
        assert prop.unit in UNITS, prop.name
        assert set(prop.names) == {"hap", "home_assistant", "google"}, prop.name
        if prop.unit == "percent":
            assert (prop.minimum, prop.maximum) == (0, 100), prop.name
        if not prop.read_only and prop.type in {"number", "integer"}:
            assert prop.minimum is not None, prop.name
            assert prop.maximum is not None, prop.name


def test_heat_asks_where_it_matters() -> None:
    pool, room = catalog.capability("pool").properties, catalog.capability("thermostat").properties
    on, water, air = pool["on_off"], pool["target_temperature"], room["target_temperature"]
    assert (on.risk_of(value=True), on.risk_of(value=False)) == (Risk.SECURE, Risk.HARMLESS)
    assert [water.risk_of(value, 28) for value in (27, 28, 28.1)] == [Risk.COMFORT, Risk.COMFORT, Risk.SECURE]
    assert {water.risk_of(20), water.risk_of(20, "warm"), water.risk_of("cold", 28)} == {Risk.SECURE}
    asked = [value for value in (5, 14.9, 15, 21, 26, 26.1, 35, float("nan")) if air.risk_of(value) is Risk.SECURE]
    assert asked[:-1] == [5, 14.9, 26.1, 35]
    assert asked[-1] != asked[-1]
    assert {air.risk_of(value) for value in (15, 20.5, 26)} == {Risk.COMFORT}
    assert {room["mode"].risk_of(mode) for mode in room["mode"].enum} == {Risk.COMFORT}
    assert (water.worst, air.worst, room["mode"].worst) == (Risk.SECURE, Risk.SECURE, Risk.COMFORT)


def test_what_opens_a_house_is_secure_and_what_closes_it_is_not() -> None:
    locked = catalog.capability("lock").properties["locked"]
    door = catalog.capability("garage_door").properties["open"]
    heat = catalog.capability("pool").properties["heat_mode"]
    assert (locked.risk_of(value=False), locked.risk_of(value=True)) == (Risk.SECURE, Risk.HARMLESS)
    assert (door.risk_of(value=True), door.risk_of(value=False)) == (Risk.SECURE, Risk.HARMLESS)
    assert (heat.risk_of("heater"), heat.risk_of("off")) == (Risk.SECURE, Risk.HARMLESS)


def test_a_property_of_the_same_name_means_the_same_everywhere() -> None:
    seen: dict[str, tuple[str, str]] = {}
    for name in catalog.names():
        for prop in catalog.capability(name).properties.values():
            assert seen.setdefault(prop.name, (prop.type, prop.unit)) == (prop.type, prop.unit), prop.name


@pytest.mark.parametrize("name", ["toaster", "../settings", "", "light.tm"])
def test_an_unknown_capability_is_named_and_the_known_are_listed(name: str) -> None:
    with pytest.raises(NotFound, match="There are: camera, "):
        catalog.capability(name)
