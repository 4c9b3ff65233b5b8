"""Every document of the library, against every capture of it: the device zoo."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest

from claw.adapters import document, match, schema, verify
from claw.adapters.describe import thing_description
from claw.adapters.expand import expand
from claw.adapters.library import library
from claw.adapters.terms import TOP
from claw.errors import DocumentInvalid
from claw.model.announcement import Announcement, Via
from claw.model.form import Endpoint
from claw.model.level import Level
from claw.model.thing import Thing
from tests.adapters import captures

DOCUMENTS = sorted(library())
# one bridge, two languages: either document is the right answer where only the weaker announcement was heard
FAMILIES = ({"philips-hue-v1", "philips-hue-v2"},)


def family(adapter_id: str) -> set[str]:
    return next((each for each in FAMILIES if adapter_id in each), {adapter_id})


@pytest.mark.parametrize("name", captures.NAMES)
def test_climbs_to_replay_on_its_capture(name: str) -> None:
    receipts = verify.static(captures.adapter(name), captures.load(name), now=lambda: 1.0)
    assert [(each.level, each.passed, each.detail) for each in receipts if not each.passed] == []
    assert verify.level(receipts) is Level.REPLAY


def test_every_http_document_has_a_capture() -> None:
    captured = {captures.adapter(name).id for name in captures.NAMES}
    assert {each.id for each in library().values() if each.binding == "http"} <= captured


@pytest.mark.parametrize("name", captures.NAMES)
def test_every_model_of_a_captured_document_is_seen_in_some_capture(name: str) -> None:
    adapter = captures.adapter(name)
    seen = {
        unit["model"]
        for each in captures.NAMES
        if captures.adapter(each) is adapter
        for unit in captures.load(each)["expect"]["units"]
    }
    unseen = set(adapter.units) - seen
    # gamut A lamps are the same forms as gamut C with another triangle
    assert unseen <= {"light_a"}


@pytest.mark.parametrize("name", captures.NAMES)
async def test_expands_over_reads_each_made_once(name: str) -> None:
    capture = captures.load(name)
    answers = captures.Answers(capture)
    found = await expand(captures.adapter(name), answers)
    assert {each.unit for each in found} == {each["unit"] for each in capture["expect"]["units"]}
    assert len(answers.asked) == len(set(answers.asked))


@pytest.mark.parametrize("name", captures.NAMES)
def test_a_captured_device_is_won_by_exactly_one_document(name: str) -> None:
    found = match.candidates(captures.device(*captures.announcements(captures.load(name))), library().values())
    assert found[0].adapter is captures.adapter(name)
    assert len(found) == 1 or found[0].score > found[1].score
    assert {each.adapter.id for each in found} <= family(found[0].adapter.id)


@pytest.mark.parametrize("name", captures.NAMES)
def test_no_single_announcement_leads_to_another_product(name: str) -> None:
    for said in captures.announcements(captures.load(name)):
        found = match.candidates(captures.device(said), library().values())
        assert {each.adapter.id for each in found} <= family(captures.adapter(name).id)


@pytest.mark.parametrize("name", [name for name in captures.NAMES if captures.adapter(name).binding == "http"])
async def test_at_a_bare_address_only_the_right_document_is_confirmed(name: str) -> None:
    """Without any hint each document probes; only the right family may say yes."""
    capture = captures.load(name)
    said = Announcement(Via.CONFIGURED, "http", "", ("192.0.2.10",), 443)
    found = match.candidates(captures.device(said), library().values())
    answers = captures.Answers(capture)
    confirmed = {each.adapter.id for each in found if await match.confirm(each, answers)}
    assert captures.adapter(name).id in confirmed
    assert confirmed <= family(captures.adapter(name).id)


@pytest.mark.parametrize("name", captures.NAMES)
async def test_every_unit_makes_a_valid_thing_description(name: str) -> None:
    adapter, capture = captures.adapter(name), captures.load(name)
    endpoint = Endpoint("fd00::1", 80, auth=adapter.credential.where if adapter.credential else "none")
    for unit in await expand(adapter, captures.Answers(capture)):
        model = adapter.units[unit.model]
        thing = Thing(
            id="a-thing",
            title=unit.title,
            device_id="d",
            adapter_id=adapter.id,
            unit=unit.unit,
            model=unit.model,
            capabilities=model.capabilities,
            properties={key: each.property for key, each in model.properties.items() if key not in unit.lacks},
            actions={key: each.action for key, each in model.actions.items() if key not in unit.lacks},
            vars=unit.vars,
        )
        td = thing_description(thing, adapter, endpoint)
        schema.validate_description(json.loads(json.dumps(td)))
        assert td["base"] == "http://[fd00::1]:80/"
        assert set(td["properties"]) == set(thing.properties)  # type: ignore[arg-type]


def _paths(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, child in items:
        yield (*at, key)
        yield from _paths(child, (*at, key))


@pytest.mark.parametrize("adapter_id", DOCUMENTS)
def test_a_near_miss_of_any_term_is_refused_with_the_right_word(adapter_id: str) -> None:
    original = library()[adapter_id].document
    tried = 0
    for path in _paths(original):
        word = path[-1]
        if not (isinstance(word, str) and (word.startswith("claw:") or word == "forms")) or path[0] == "@context":
            continue
        broken = json.loads(json.dumps(original))
        parent = broken
        for key in path[:-1]:
            parent = parent[key]
        parent[word[:-2] + word[-1]] = parent.pop(word)
        with pytest.raises(DocumentInvalid) as caught:
            document.parse(broken)
        assert repr(word) in str(caught.value)
        tried += 1
    assert tried > 5


@pytest.mark.parametrize("adapter_id", DOCUMENTS)
def test_a_near_miss_of_any_property_is_refused_with_the_right_word(adapter_id: str) -> None:
    original = library()[adapter_id].document
    for unit in (original, *original.get("claw:units", {}).values()):  # type: ignore[union-attr, misc]
        for name in list(unit.get("properties", {})):
            broken = copy.deepcopy(dict(original))
            target = (
                broken
                if unit is original
                else next(
                    copied
                    for key, copied in broken["claw:units"].items()
                    if original["claw:units"][key] is unit  # type: ignore[union-attr, call-overload, index]
                )
            )
            target["properties"][name[:-1]] = target["properties"].pop(name)  # type: ignore[index]
            with pytest.raises(DocumentInvalid, match=f"did you mean '{name}'"):
                document.parse(broken)


def test_top_level_words_are_those_of_the_schema() -> None:
    ours = {word for word in TOP if word.startswith("claw:")}
    assert ours == set(schema.document_of("adapter")["propertyNames"]["anyOf"][1]["enum"])


@pytest.mark.parametrize(
    "said",
    [
        Announcement(Via.MDNS, "_ipp._tcp", "Office printer", ("192.0.2.9",), 631),
        Announcement(Via.MDNS, "_http._tcp", "Office printer", ("192.0.2.9",), 80),
        Announcement(Via.MDNS, "_http._tcp", "shelly1-b929cc", ("192.0.2.9",), 80, {"arch": "esp8266"}),
        Announcement(Via.MDNS, "_airplay._tcp", "Living room", ("192.0.2.9",), 7000),
        Announcement(Via.SSDP, "upnp:rootdevice", "Router", ("192.0.2.9",), 1900),
        Announcement(Via.SSDP, "urn:schemas-upnp-org:device:basic:1", "x", ("192.0.2.9",), 80, {"server": "Hue"}),
        Announcement(Via.MDNS, "_wled._tcp", "gone", ("192.0.2.9",), 80, gone=True),
    ],
)
def test_distractors_match_nothing(said: Announcement) -> None:
    assert match.candidates(captures.device(said), library().values()) == []
