"""One bridge, many things: odd rows are left out, names are made printable, numbers are bounded."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given

from claw.adapters import document, expand
from claw.errors import DeviceOffline
from claw.model.form import Form
from claw.model.json import Json
from tests.adapters.mangle import anything
from tests.adapters.test_document import LAMP

ROWS: dict[str, Any] = {
    "href": "/lamps",
    "claw:select": "lamps",
    "unit": "id",
    "title": "name",
    "vars": {"lamp": "id"},
    "when": "kind != 'hub'",
}


def bridge() -> Any:
    parsed = json.loads(json.dumps(LAMP))
    parsed["claw:expand"] = ROWS
    for form in parsed["properties"]["on_off"]["forms"]:
        form["href"] = "/lamps/{lamp}"
    parsed["properties"]["brightness"] = {
        "claw:when": "dimmable",
        "forms": [{"op": "readproperty", "href": "/lamps/{lamp}"}],
    }
    return document.parse(parsed)


def units(answer: Json) -> tuple[expand.UnitInstance, ...]:
    return expand.units(bridge(), {("GET", "/lamps"): answer})


@pytest.mark.parametrize(
    ("value", "lacks"), [(0, False), (1, False), ("x", False), (None, True), (False, True), ("", True), ([], True)]
)
def test_zero_is_a_value(value: Json, lacks: bool) -> None:  # noqa: FBT001 - a table
    """A lamp that shines red has the hue 0, and colours all the same."""
    (found,) = units({"lamps": [{"id": 1, "name": "A", "dimmable": value}]})
    assert bool(found.lacks) is lacks


def test_rows_become_units_with_what_they_lack() -> None:
    found = units({"lamps": [{"id": 1, "name": "A", "dimmable": True}, {"id": "two", "name": None, "kind": "bulb"}]})
    assert [(each.unit, each.title, dict(each.vars), each.lacks) for each in found] == [
        ("1", "A", {"lamp": 1}, frozenset()),
        ("two", "Lamp", {"lamp": "two"}, frozenset({"brightness"})),
    ]


@pytest.mark.parametrize(
    "row", [None, {}, {"id": None}, {"id": [1]}, {"id": ""}, {"id": " \n"}, "text", {"id": 1, "kind": "hub"}]
)
def test_an_odd_row_is_left_out(row: Json) -> None:
    assert [each.unit for each in units({"lamps": [row, {"id": 9}]})] == ["9"]


def test_names_are_cut_and_made_printable() -> None:
    found = units({"lamps": [{"id": "x" * 500, "name": "  a\n\x00b\u202e " + "y" * 500}]})
    assert len(found[0].unit) == expand.MAX_UNIT
    assert found[0].title.startswith("a b y")
    assert len(found[0].title) == expand.MAX_TITLE


def test_of_two_with_one_name_the_first_counts_and_floods_end() -> None:
    assert [each.title for each in units({"lamps": [{"id": 1, "name": "A"}, {"id": "1", "name": "B"}]})] == ["A"]
    assert len(units({"lamps": [{"id": number} for number in range(2000)]})) == expand.MAX_UNITS


async def test_what_the_read_raises_passes_through() -> None:
    async def read(form: Form) -> Json:
        raise DeviceOffline("gone")

    with pytest.raises(DeviceOffline):
        await expand.expand(bridge(), read)


@given(answer=anything)
def test_no_answer_at_all_breaks_it(answer: Any) -> None:
    for each in (answer, {"lamps": answer}, {"lamps": [answer]}):
        assert all(unit.unit.isprintable() and unit.title.isprintable() for unit in units(each))
