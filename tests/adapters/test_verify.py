"""The ladder: what it proves, what it refuses to touch, and that it always leaves things as they were."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import anyio
import pytest

from claw.adapters import document, experiment, laws, verify
from claw.adapters.library import library
from claw.adapters.verify import Consent
from claw.capabilities import catalog
from claw.errors import DeviceOffline, DeviceRefused
from claw.model.affordance import Property, Risk
from claw.model.json import Json
from claw.model.level import Level, Receipt
from tests.adapters import captures

YES = Consent(harmless=True)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(experiment, "GRACE", 0.05)


class Thing:
    """A device in memory. `obey` may lose, change or refuse what is written."""

    def __init__(self, *capabilities: str, obey: Callable[[str, Json], Json] | None = None, **state: Json) -> None:
        self.capabilities = capabilities
        specs: dict[str, Property] = {}
        for each in capabilities:
            specs.update(catalog.capability(each).properties)
        self.properties: Mapping[str, Property] = {name: replace(specs[name], settle=0.0) for name in state}
        self.state: dict[str, Json] = dict(state)
        self.obey = obey
        self.written: list[tuple[str, Json]] = []

    async def read(self, *names: str) -> Mapping[str, Json]:
        await anyio.lowlevel.checkpoint()
        return {name: self.state[name] for name in names}

    async def write(self, name: str, value: Json) -> None:
        await anyio.lowlevel.checkpoint()
        self.written.append((name, value))
        self.state[name] = self.obey(name, value) if self.obey else value


def lamp(**more: Any) -> Thing:
    return Thing("light", **{"on_off": True, "brightness": 60, "color_temperature": 3000, "color": None} | more)


async def climb(thing: Thing, consent: Consent | None = None) -> tuple[Level, tuple[Receipt, ...]]:
    receipts = await verify.live(thing, consent, now=lambda: 1.0)
    return verify.level(receipts), receipts


async def test_reading_alone_needs_no_consent_and_writes_nothing() -> None:
    thing = lamp()
    assert (await climb(thing))[0] is Level.LIVE_READ
    assert thing.written == []


@pytest.mark.parametrize("on", [True, False])
async def test_a_light_is_tried_and_left_as_it_was(on: bool) -> None:  # noqa: FBT001 - a table
    thing = lamp(on_off=on)
    before = dict(thing.state) | {"color": {"hue": 30.0, "saturation": 80.0}}  # had no colour to go back to
    level, receipts = await climb(thing, YES)
    assert level is Level.WRITE_READ_BACK
    tried = {each.property for each in receipts if each.level is Level.WRITE_READ_BACK}
    assert tried == {"on_off", "brightness", "color_temperature", "color"}
    assert thing.state == before


@pytest.mark.parametrize(
    ("capabilities", "state"),
    [
        (("lock",), {"locked": True}),
        (("garage_door",), {"open": False}),
        (("thermostat",), {"temperature": 20, "target_temperature": 21, "mode": "heat"}),
        (("pool",), {"on_off": False, "water_temperature": 20, "target_temperature": 21, "heat_mode": "off"}),
        (("light", "lock"), {"on_off": True, "locked": True}),
        (("circuit",), {"on_off": False}),
        (("camera",), {"snapshot": "/x"}),
    ],
)
async def test_what_locks_opens_or_heats_is_never_touched(
    capabilities: tuple[str, ...], state: dict[str, Json]
) -> None:
    thing = Thing(*capabilities, **state)
    level, _ = await climb(thing, Consent(harmless=True, named=True))
    assert thing.written == []
    assert level is Level.LIVE_READ


async def test_a_plug_is_only_tried_when_it_was_named() -> None:
    plug = Thing("switch", "sensor", on_off=True, power=12.5)
    assert (await climb(plug, YES))[0] is Level.LIVE_READ
    assert plug.written == []
    assert (await climb(plug, Consent(named=True)))[0] is Level.WRITE_READ_BACK
    assert plug.written == [("on_off", False), ("on_off", True)]


@pytest.mark.parametrize("old", [0, 1, 3, 50, 96, 100])
@pytest.mark.parametrize(("capability", "name", "most"), [("speaker", "volume", 5), ("cover", "position", 5)])
async def test_volume_and_shades_are_only_nudged(capability: str, name: str, most: float, old: int) -> None:
    extra: dict[str, Json] = {"playback": "stopped"} if capability == "speaker" else {}
    thing = Thing(capability, **{name: old, **extra})
    assert (await climb(thing, YES))[0] is Level.WRITE_READ_BACK
    assert all(abs(value - old) <= most for _, value in thing.written)  # type: ignore[operator, arg-type]
    assert thing.state[name] == old


async def test_riskier_properties_are_left_alone_even_on_a_light() -> None:
    thing = lamp()
    thing.properties = {name: replace(spec, risk=Risk.COMFORT) for name, spec in thing.properties.items()}
    await climb(thing, YES)
    assert thing.written == []


async def test_an_acknowledged_write_that_does_nothing_is_not_believed() -> None:
    thing = lamp(obey=lambda name, _: thing.state[name])
    level, receipts = await climb(thing, YES)
    failed = [each for each in receipts if not each.passed]
    assert level is Level.LIVE_READ
    assert {each.property for each in failed} == {"on_off", "brightness", "color_temperature", "color"}
    assert "but it says" in failed[0].detail


async def test_a_device_that_cannot_be_put_back_is_told_loudly() -> None:
    def sticky(name: str, value: Json) -> Json:
        return False if name == "on_off" else value

    thing = lamp(obey=sticky)
    level, receipts = await climb(thing, YES)
    assert level is Level.LIVE_READ
    assert any("NOT restored: on_off was True (it did not obey)" in each.detail for each in receipts)


async def test_a_refusal_in_the_middle_still_restores() -> None:
    def refuse(name: str, value: Json) -> Json:
        if name == "color":
            raise DeviceRefused("It said 400.")
        return value

    thing = lamp(obey=refuse)
    before = dict(thing.state)
    _, receipts = await climb(thing, YES)
    assert [(each.property, each.detail) for each in receipts if not each.passed] == [
        ("color", "It said 400.; restored")
    ]
    assert thing.state == before


async def test_cancelled_in_the_middle_it_restores_first() -> None:
    with anyio.CancelScope() as scope:

        def pull_the_plug(name: str, value: Json) -> Json:
            scope.cancel()
            return value

        thing = lamp(obey=pull_the_plug)
        before = dict(thing.state)
        await climb(thing, YES)
    assert scope.cancelled_caught
    assert thing.state == before
    assert thing.written[0] == ("on_off", False)


async def test_a_device_that_leaves_for_good_is_told_as_not_restored() -> None:
    class Gone(Thing):
        async def read(self, *names: str) -> Mapping[str, Json]:
            if self.written:
                raise DeviceOffline("It is gone.")
            return await super().read(*names)

    thing = Gone("light", on_off=True)
    level, receipts = await climb(thing, YES)
    assert level is Level.LIVE_READ
    assert receipts[-1].detail == "It is gone.; NOT restored: on_off was True (It is gone.)"


async def test_reads_of_the_wrong_type_or_range_fail() -> None:
    thing = lamp(brightness=140)
    level, receipts = await climb(thing, YES)
    assert level is Level.NONE
    assert thing.written == []
    assert [each.detail for each in receipts if not each.passed] == ["reads 140, but must be at most 100 percent"]


async def test_a_silent_required_property_fails_unless_the_thing_is_off() -> None:
    assert (await climb(Thing("contact", contact_open=None)))[0] is Level.NONE
    assert (await climb(Thing("contact", contact_open=True, battery=None)))[0] is Level.LIVE_READ
    assert (await climb(Thing("pool", on_off=False, water_temperature=None)))[0] is Level.LIVE_READ
    assert (await climb(Thing("pool", on_off=True, water_temperature=None)))[0] is Level.NONE


async def test_a_device_that_does_not_answer_fails_the_read() -> None:
    class Away(Thing):
        async def read(self, *names: str) -> Mapping[str, Json]:
            raise DeviceOffline("It is not there.")

    level, receipts = await climb(Away("light", on_off=True), YES)
    assert (level, [each.detail for each in receipts]) == (Level.NONE, ["It is not there."])


def test_levels() -> None:
    def got(level: Level, at: float, *, passed: bool = True, name: str = "") -> Receipt:
        return Receipt(level, passed, "", at, name)

    assert verify.level([]) is Level.NONE
    assert verify.level([got(Level.SCHEMA, 1), got(Level.LIVE_READ, 1)]) is Level.LIVE_READ
    assert (
        verify.level([got(Level.SCHEMA, 1), got(Level.CODEC_LAW, 1, passed=False), got(Level.LIVE_READ, 1)])
        is Level.SCHEMA
    )
    # a later receipt for the same rung and property replaces the earlier one
    failed, mended = got(Level.LIVE_READ, 1, passed=False, name="x"), got(Level.LIVE_READ, 2, name="x")
    assert verify.level([mended, failed]) is Level.LIVE_READ
    assert verify.level([replace(failed, at=3), mended]) is Level.NONE


def _static(change: Callable[[dict[str, Any]], object], name: str = "wled") -> list[Receipt]:
    broken = copy.deepcopy(dict(library()[name].document))
    change(broken)
    adapter = document.parse(json.loads(json.dumps(broken)))
    return list(verify.static(adapter, captures.load(name), now=lambda: 1.0))


def test_a_codec_that_loses_values_fails_rung_two() -> None:
    steps = [{"op": "scale", "from": [0, 7], "to": [0, 100]}, {"op": "round"}]
    receipts = _static(
        lambda broken: broken["properties"]["brightness"].update({"claw:codec": [{"op": "round"}, *steps[:1]]})
    )
    assert (receipts[-1].level, receipts[-1].passed) == (Level.CODEC_LAW, False)
    assert receipts[-1].detail.startswith("main.brightness: ")


def test_a_wrong_path_fails_rung_three() -> None:
    receipts = _static(
        lambda broken: broken["properties"]["brightness"]["forms"][0].update({"claw:select": "brightness"})
    )
    assert (receipts[-1].level, receipts[-1].passed) == (Level.REPLAY, False)
    assert receipts[-1].detail == "main.brightness reads None, not 50.2"


def test_a_wrong_write_fails_rung_three() -> None:
    receipts = _static(lambda broken: broken["properties"]["on_off"]["forms"][1].update({"htv:methodName": "PUT"}))
    assert receipts[-1].detail == (
        "main.on_off sends ('PUT', '/json/state', {'on': False}), not ('POST', '/json/state', {'on': False})"
    )


def test_a_capture_that_is_none_fails_rung_three() -> None:
    receipts = verify.static(library()["wled"], {"exchanges": []})
    assert (receipts[-1].passed, receipts[-1].detail) == (False, "the capture is not in order: KeyError 'expect'")


def test_conformance_notices_what_parsing_did_not_build() -> None:
    adapter = library()["wled"]
    unit = adapter.units["main"]
    bound = unit.properties["brightness"]
    wide = replace(bound, property=replace(bound.property, maximum=255, risk=Risk.READ, unit="volt"), read=None)
    broken = replace(adapter, units={"main": replace(unit, properties={"brightness": wide, "speed": bound})})
    found = list(laws.conformance(broken))
    assert found == [
        "main is no light: on_off is missing",
        "main.brightness is in volt, not in percent",
        "main.brightness reaches above 100",
        "main.brightness plays its risk down",
        "main.brightness cannot be read, so nothing about it can be proved",
        "main.speed belongs to none of its capabilities",
    ]


def test_samples_repeat_with_their_seed() -> None:
    assert [list(laws.inversion(each, seed=3)) for each in library().values()] == [[] for _ in library()]
    assert experiment.allowed(lamp(), Consent()) == ()


async def test_a_shade_still_under_way_is_sent_back() -> None:
    """Passing by within the tolerance is neither arriving nor being put back."""

    class Slow(Thing):
        target: Json = 100

        async def write(self, name: str, value: Json) -> None:
            self.written.append((name, value))
            self.target = value
            self.state[name] = 98  # two points on its way, whichever way that is

    shade = Slow("cover", position=100)
    await climb(shade, YES)
    assert shade.written == [("position", 96), ("position", 100)]
    assert shade.target == 100
