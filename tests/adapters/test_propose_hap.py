"""The HAP compiler: what accessories become, and that no database can break it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pyhap.loader import get_loader

from claw.adapters import codec, document, laws, verify
from claw.adapters.adapter import Adapter, UnitModel
from claw.adapters.hap_database import code_of
from claw.adapters.hap_table import KINDS, NAMES
from claw.adapters.propose_hap import propose
from tests.adapters.mangle import anything, mangled

LOADER = get_loader()
SERVICES = {code_of(row["UUID"]): name for name, row in LOADER.serv_types.items()}


def characteristic(iid: int, name: str, **changes: Any) -> dict[str, Any]:
    row = LOADER.char_types[name]
    made = {"iid": iid, "type": row["UUID"], "perms": row["Permissions"], "format": row["Format"]}
    made |= {key: row[key] for key in ("minValue", "maxValue", "minStep", "unit") if key in row}
    if "pr" in row["Permissions"]:
        made["value"] = LOADER.get_char(name).value
    return {**made, **changes}


def service(
    iid: int, name: str, *optional: str, changes: dict[str, Any] | None = None, **members: Any
) -> dict[str, Any]:
    """A service with its required characteristics (HAP-python's tables) and some optional ones."""
    required = LOADER.serv_types[name]["RequiredCharacteristics"]
    rows = [
        characteristic(iid + index, each, **(changes or {}).get(each, {}))
        for index, each in enumerate([*required, *optional], 1)
    ]
    return {"iid": iid, "type": LOADER.serv_types[name]["UUID"], "characteristics": rows, **members}


def accessory(aid: int, name: str, *services: dict[str, Any]) -> dict[str, Any]:
    about = service(1, "AccessoryInformation", changes={"Name": {"value": name}})
    return {"aid": aid, "services": [about, *services]}


def compiled(*accessories: dict[str, Any], **known: Any) -> Adapter:
    documents = propose({"accessories": list(accessories), **known})
    assert len(documents) == 1
    return document.parse(documents[0])


def by_title(adapter: Adapter) -> dict[str, UnitModel]:
    return {unit.title: unit for unit in adapter.units.values()}


def test_a_bridge_is_skipped_and_each_accessory_is_a_unit() -> None:
    adapter = compiled(
        accessory(
            1, "Bridge", service(20, "ProtocolInformation") if "ProtocolInformation" in LOADER.serv_types else {}
        ),
        accessory(2, "Lamp", service(10, "Lightbulb", "Brightness", "Hue", "Saturation")),
        accessory(7, "Door", service(10, "LockMechanism")),
        id="AA:BB:CC:DD:EE:FF",
    )
    assert adapter.id == "hap-aabbccddeeff"
    assert adapter.title == "Bridge"
    assert adapter.match[0].fields == {"id": "AA:BB:CC:DD:EE:FF"}
    assert {title: (unit.unit, unit.capabilities) for title, unit in by_title(adapter).items()} == {
        "Lamp": ("2", ("light",)),
        "Door": ("7", ("lock",)),
    }


def test_an_air_conditioner_is_three_things() -> None:
    adapter = compiled(
        accessory(
            1,
            "Air Conditioner",
            service(10, "Fan", "RotationSpeed"),
            service(30, "Thermostat", changes={"TargetTemperature": {"value": 32, "maxValue": 30}}, primary=True),
            service(50, "Lightbulb", "Brightness"),
        )
    )
    assert {title: unit.capabilities for title, unit in by_title(adapter).items()} == {
        "Air Conditioner": ("thermostat",),
        "Air Conditioner fan": ("fan",),
        "Air Conditioner light": ("light",),
    }
    assert [unit.unit for unit in adapter.units.values()] == ["1", "1.10", "1.50"]
    target = by_title(adapter)["Air Conditioner"].properties["target_temperature"].property
    assert (target.minimum, target.maximum) == (10, 32)  # what it reads at first is inside


@pytest.mark.parametrize(
    ("told", "called"),
    [
        ("Simple Light 83BF", "Simple Light"),  # a hash of the id, as hap-nodejs has it
        ("Simple Light 5A1A1A", "Simple Light"),
        ("Simple Light 1A:1A", "Simple Light"),
        ("Simple Light BEEF", "Simple Light BEEF"),
        ("83BF", "83BF"),
    ],
)
def test_the_mark_of_the_id_is_not_part_of_the_name(told: str, called: str) -> None:
    lamp = accessory(1, told, service(8, "Lightbulb"))
    assert set(by_title(compiled(lamp, id="FA:3C:ED:5A:1A:1A"))) == {called}


def test_a_television_is_one_switch() -> None:
    adapter = compiled(accessory(1, "TV", service(10, "Television"), service(30, "TelevisionSpeaker", "Active")))
    assert {title: unit.capabilities for title, unit in by_title(adapter).items()} == {"TV": ("switch",)}


def test_what_measures_joins_what_acts_unless_a_name_is_taken() -> None:
    adapter = compiled(
        accessory(
            3,
            "Multi",
            service(10, "MotionSensor"),
            service(20, "TemperatureSensor"),
            service(30, "HumiditySensor"),
            service(40, "Lightbulb"),
            service(50, "TemperatureSensor"),
            service(60, "BatteryService"),
        )
    )
    first, second = adapter.units.values()
    assert first.capabilities == ("light", "motion", "sensor")
    assert set(first.properties) == {"on_off", "motion", "temperature", "humidity", "battery"}
    assert set(second.properties) == {"temperature"}


def test_a_power_strip_is_told_apart_by_its_service_names() -> None:
    names: list[dict[str, Any]] = [{"Name": {"value": each}} for each in ("Left", "Right")]
    adapter = compiled(
        accessory(1, "Strip", *(service(10 + 10 * n, "Outlet", "Name", changes=names[n]) for n in range(2)))
    )
    assert set(by_title(adapter)) == {"Left", "Right"}
    adapter = compiled(accessory(1, "Strip", service(10, "Outlet"), service(20, "Outlet")))
    assert set(by_title(adapter)) == {"Strip switch 1", "Strip switch 2"}


def test_a_shade_reads_where_it_is_and_writes_where_it_shall_go() -> None:
    shade = compiled(accessory(2, "Shade", service(10, "WindowCovering", "HoldPosition", "CurrentHorizontalTiltAngle",
                                                   "TargetHorizontalTiltAngle"))).units["cover-2"]  # fmt: skip
    position = shade.properties["position"]
    assert position.read is not None
    assert position.write is not None
    assert position.observe is not None
    assert position.read.terms["hap:characteristic"] == "CurrentPosition"
    assert position.write.terms["hap:characteristic"] == "TargetPosition"
    assert {name: action.form.body for name, action in shade.actions.items()} == {
        "open": 100,
        "close": 0,
        "stop": True,
    }
    tilt = shade.properties["tilt"]
    assert [codec.decode(tilt.codec, angle) for angle in (-90, 0, 90)] == [0, 50, 100]
    assert codec.encode(tilt.codec, 25) == -45


def test_a_lock_that_is_jammed_is_not_locked() -> None:
    lock = compiled(accessory(2, "Door", service(10, "LockMechanism"))).units["lock-2"]
    locked, jammed = lock.properties["locked"], lock.properties["jammed"]
    assert [codec.decode(locked.codec, state) for state in range(4)] == [False, True, False, False]
    assert [codec.decode(jammed.codec, state) for state in range(4)] == [False, False, True, False]
    assert (codec.encode(locked.codec, True), codec.encode(locked.codec, False)) == (1, 0)  # noqa: FBT003
    assert jammed.write is None


def test_a_driven_door_has_the_care_of_a_garage_door() -> None:
    door = compiled(accessory(2, "Porch", service(10, "Door"))).units["garage_door-2".replace("_", "-")]
    opened = door.properties["open"]
    assert [codec.decode(opened.codec, position) for position in (0, 1, 55, 100)] == [False, True, True, True]
    assert [codec.encode(opened.codec, value) for value in (False, True)] == [0, 100]


def test_a_timed_write_is_asked_for_where_the_accessory_wants_it() -> None:
    perms = {"LockTargetState": {"perms": ["pr", "pw", "ev", "tw"]}}
    lock = compiled(accessory(2, "Door", service(10, "LockMechanism", changes=perms))).units["lock-2"]
    write, read = lock.properties["locked"].write, lock.properties["locked"].read
    assert write is not None
    assert write.terms["hap:timed"] is True
    assert read is not None
    assert "hap:timed" not in read.terms


def test_white_temperature_is_kelvin() -> None:
    row = characteristic(19, "ColorTemperature", minValue=154, maxValue=370)
    light = service(10, "Lightbulb")
    light["characteristics"].append(row)
    bound = compiled(accessory(2, "Lamp", light)).units["light-2"].properties["color_temperature"]
    assert (bound.property.minimum, bound.property.maximum) == (2703, 6493)
    assert codec.decode(bound.codec, 250) == 4000
    assert codec.encode(bound.codec, 4010) == 249


def test_coarse_steps_are_kept_to() -> None:
    fan = service(10, "Fan", "RotationSpeed", changes={"RotationSpeed": {"minStep": 25}})
    speed = compiled(accessory(2, "Fan", fan)).units["fan-2"].properties["speed"]
    assert speed.property.step == 25
    assert [codec.encode(speed.codec, value) for value in (0, 30, 40, 100)] == [0, 25, 50, 100]
    half = service(10, "Thermostat", changes={"TargetTemperature": {"minStep": 0.5, "value": 21.3}})
    target = compiled(accessory(2, "Radiator", half)).units["thermostat-2"].properties["target_temperature"]
    assert codec.decode(target.codec, 21.3) == 21.3
    assert codec.encode(target.codec, 21.3) == 21.5


def test_valid_values_narrow_the_modes() -> None:
    only = {"TargetHeatingCoolingState": {"valid-values": [0, 1]}}
    unit = compiled(accessory(2, "Radiator", service(10, "Thermostat", changes=only))).units["thermostat-2"]
    assert unit.properties["mode"].property.enum == ("off", "heat")


def test_a_heater_cooler_is_off_when_inactive() -> None:
    both = service(10, "HeaterCooler", "CoolingThresholdTemperature", "HeatingThresholdTemperature")
    unit = compiled(accessory(2, "AC", both)).units["thermostat-2"]
    mode, target = unit.properties["mode"], unit.properties["target_temperature"]
    assert codec.decode(mode.codec, {"active": 0, "target": 2}) == "off"
    assert codec.decode(mode.codec, {"active": 1, "target": 2}) == "cool"
    assert codec.encode(mode.codec, "heat") == {"active": 1, "target": 1}
    assert target.write is not None
    assert target.write.body == {"12": "{value}", "D": "{value}"}
    one = service(10, "HeaterCooler", "CoolingThresholdTemperature")
    unit = compiled(accessory(2, "AC", one)).units["thermostat-2"]
    write = unit.properties["target_temperature"].write
    assert write is not None
    assert write.terms["hap:characteristic"] == "CoolingThresholdTemperature"


def test_what_is_not_understood_is_named_and_never_guessed() -> None:
    vendor = {"iid": 50, "type": "E863F007-079E-48FF-8F27-9C2605A29F52", "characteristics": []}
    half = service(60, "LockMechanism")
    half["characteristics"] = half["characteristics"][:1]
    documents = propose({"accessories": [accessory(2, "Plug", service(10, "Outlet"), vendor, half)]})
    assert "E863F007" in documents[0]["description"]
    unit = document.parse(documents[0]).units["switch-2"]
    assert set(unit.properties) == {"on_off"}


def test_nothing_of_use_makes_no_document() -> None:
    assert propose({"accessories": [accessory(1, "Bridge")]}) == []
    assert propose(None) == propose([]) == propose({"accessories": 3}) == []


def test_hostile_names_are_harmless() -> None:
    adapter = compiled(accessory(2, "\x00\n\u202eeval(1){value}" * 50, service(10, "Switch")))
    unit = next(iter(adapter.units.values()))
    assert len(unit.title) <= 80
    assert unit.title.isprintable()


@pytest.mark.parametrize("code", [code for code in KINDS if code in SERVICES])
def test_every_known_service_compiles_and_its_codecs_carry_the_values_it_starts_with(code: str) -> None:
    name = SERVICES[code]
    optional = LOADER.serv_types[name]["OptionalCharacteristics"]
    raw = accessory(2, name, service(10, name, *(each for each in optional if each in LOADER.char_types)))
    values = {f"2/{row['iid']}": row.get("value") for each in raw["services"] for row in each["characteristics"]}
    adapter = compiled(raw)
    assert [(each.level, each.detail) for each in verify.static(adapter) if not each.passed] == []
    unit = next(iter(adapter.units.values()))
    for bound in unit.properties.values():
        assert bound.read is not None
        href = bound.read.href
        if "," not in href:
            human = codec.decode(bound.codec, values[href])
            if bound.write is not None:
                assert codec.decode(bound.codec, codec.encode(bound.codec, human)) == human


def test_every_code_in_the_table_has_its_name() -> None:
    used = {code for kind in KINDS.values() for row in kind.rows for code in (*row.first, *row.to)}
    used |= {press.code for kind in KINDS.values() for press in kind.presses}
    assert used <= NAMES.keys()


@st.composite
def databases(draw: st.DrawFn) -> dict[str, Any]:
    """Accessories of any known services with any of their optional characteristics and odd metadata."""
    found = []
    for aid in range(1, draw(st.integers(1, 3)) + 1):
        made = []
        for index, code in enumerate(
            draw(st.lists(st.sampled_from([c for c in KINDS if c in SERVICES]), max_size=5))
        ):
            optional = [
                c for c in LOADER.serv_types[SERVICES[code]]["OptionalCharacteristics"] if c in LOADER.char_types
            ]
            row = service(100 * (index + 1), SERVICES[code], *draw(st.sets(st.sampled_from(optional or ["Name"]))))
            for char in row["characteristics"]:
                if draw(st.integers(0, 9)) == 0:
                    char[draw(st.sampled_from(["minValue", "maxValue", "minStep", "value"]))] = draw(
                        st.integers(-1000, 1000) | st.floats(-1000, 1000)
                    )
            made.append(row)
        found.append(accessory(aid, draw(st.text(max_size=10)), *made))
    return {"accessories": found}


@given(databases())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_proposal_parses(database: dict[str, Any]) -> None:
    for each in propose(database):
        adapter = document.parse(each)
        assert len({unit.unit for unit in adapter.units.values()}) == len(adapter.units)
        assert list(laws.conformance(adapter)) == []
        assert list(laws.inversion(adapter)) == []


@given(databases().flatmap(mangled))
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mangled_database_breaks_the_compiler(database: Any) -> None:
    for each in propose(database):
        document.parse(each)


@given(anything)
def test_no_json_breaks_the_compiler(evidence: Any) -> None:
    for each in propose(evidence):
        document.parse(each)
