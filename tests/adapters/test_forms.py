"""Filling in and selecting: types kept, nothing escapes the device, no answer can break an expression."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.adapters import forms, hrefs
from claw.adapters.adapter import FormTemplate
from claw.errors import AdapterError, DocumentInvalid
from tests.adapters.mangle import anything


def write(href: str = "/x", **more: object) -> FormTemplate:
    return FormTemplate("writeproperty", href, "PUT", **more)  # type: ignore[arg-type]


def test_a_lone_value_keeps_its_type_and_a_longer_string_gets_text() -> None:
    template = write(body={"a": "{value}", "b": ["v={value}", "{name}"], "c": 3})
    _, payload = forms.fill(template, {"name": 7}, value=True)
    assert payload == {"a": True, "b": ["v=true", 7], "c": 3}


def test_without_a_body_the_value_is_the_body_unless_it_went_elsewhere() -> None:
    assert forms.fill(write(), {}, value=5)[1] == 5
    assert forms.fill(write("/cm?p={value}"), {}, value="ON")[0].href == "/cm?p=ON"
    assert forms.fill(write("/cm?p={value}"), {}, value="ON")[1] is None
    form, payload = forms.fill(write(terms={"upnp:arguments": {"DesiredVolume": "{value}"}}), {}, value=12)
    assert form.terms == {"upnp:arguments": {"DesiredVolume": 12}}
    assert payload is None


def test_parts_of_a_value() -> None:
    assert forms.fill(write(body=["{value.x}"]), {}, value={"x": 0.5})[1] == [0.5]
    with pytest.raises(AdapterError, match="no 'y'"):
        forms.fill(write(body=["{value.y}"]), {}, value={"x": 0.5})


def test_what_is_not_known_stays_for_the_binding() -> None:
    form, _ = forms.fill(write("/api/{username}/lights/{light}"), {"light": "1"}, value=1)
    assert form.href == "/api/{username}/lights/1"


@pytest.mark.parametrize(
    ("value", "href"), [("a/b", "/u/a%2Fb"), ("a b", "/u/a%20b"), ("?x=1#y", "/u/%3Fx%3D1%23y"), (3, "/u/3")]
)
def test_variables_are_percent_encoded(value: object, href: str) -> None:
    assert forms.fill(write("/u/{id}"), {"id": value}, value=1)[0].href == href  # type: ignore[dict-item]


@pytest.mark.parametrize("value", ["", " ", ".", ".."])
def test_a_variable_cannot_climb(value: str) -> None:
    with pytest.raises(AdapterError, match="cannot stand in a path"):
        forms.fill(write("/u/{id}/state"), {"id": value}, value=1)


@given(value=st.text(), href=st.sampled_from(["/u/{id}", "/{id}", "/{id}/{id}", "/a?x={id}"]))
def test_no_variable_leads_to_another_machine(value: str, href: str) -> None:
    try:
        form, _ = forms.fill(write(href), {"id": value}, value=1)
    except AdapterError:
        return
    assert hrefs.problem(form.href, "http") == ""
    assert form.href.count("/") == href.count("/")


@pytest.mark.parametrize("value", ["x' || @ || '", "`1`", 'a"b', "a\\b", "x" * 300])
def test_no_variable_changes_an_expression(value: str) -> None:
    template = FormTemplate("readproperty", "/x", "GET", terms={"claw:select": "data[?id == '{id}']"})
    with pytest.raises(AdapterError, match="cannot stand in a JMESPath"):
        forms.fill(template, {"id": value})


def test_select_items_and_base64() -> None:
    assert forms.select("items(@)[*].{id: [0], name: [1].n}", {"1": {"n": "a"}, "2": {"n": "b"}}) == [
        {"id": "1", "name": "a"},
        {"id": "2", "name": "b"},
    ]
    assert forms.select("base64(name)", {"name": "U3R1ZHk="}) == "Study"
    assert forms.select("base64(name)", {"name": "not base 64!"}) is None
    assert forms.select("items(gone)", {}) == []


@pytest.mark.parametrize("payload", [None, [], "text", 5, {"a": None}])
def test_a_missing_path_is_nothing(payload: object) -> None:
    assert forms.select("a.b[0].c", payload) is None  # type: ignore[arg-type]
    assert forms.select("starts_with(a, 'x')", payload) is None  # type: ignore[arg-type]


@given(payload=anything)
def test_no_answer_breaks_an_expression(payload: object) -> None:
    for expression in (
        "items(@)[?starts_with([0], 'switch:')][1]",
        "a.b[?c > `0`].d | [0]",
        "join('-', [a, b])",
        "max(@)",
    ):
        forms.select(expression, payload)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("a[", "not JMESPath"),
        ("a" * 700, "longer than"),
        ("[@,@][]|" * 7 + "@", "lists"),
        ("!a.b", r"!\(a.b\)"),
        ("(" * 500, "not JMESPath"),
    ],
)
def test_bad_expressions_are_refused(expression: str, why: str) -> None:
    with pytest.raises(DocumentInvalid, match=why):
        forms.compiled(expression)
