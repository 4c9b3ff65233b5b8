"""The W3C's schemas and ours are really asked."""

from __future__ import annotations

from typing import Any

import pytest

from claw.adapters import schema
from claw.errors import DocumentInvalid
from tests.adapters.test_document import BAD, LAMP, changed


def test_a_good_document_passes() -> None:
    schema.validate_model(LAMP)


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        ("title", 5, "/title"),
        ("claw:bindng", "http", "/"),
        ("claw:match", [{}], "/claw:match/0"),
        ("properties/on_off/forms/0/claw:selct", "x", "/properties/on_off/forms/0"),
        ("properties/on_off/forms/0/href", "//evil.example", "/properties/on_off/forms/0/href"),
        ("properties/on_off/claw:codec", [{"op": "scael"}], "/properties/on_off/claw:codec/0"),
        ("properties/on_off/forms/0/op", "readprop", "/properties/on_off/forms/0/op"),
        ("links", "claw:light", "/links"),
        ("claw:units", {"x": {"links": [], "properties": {"on_off": {}}}}, "/claw:units/x/properties/on_off"),
    ],
)
def test_a_bad_one_is_refused_with_its_place(path: str, value: Any, where: str) -> None:
    with pytest.raises(DocumentInvalid, match=r"\(schema (adapter|tm)\)$") as caught:
        schema.validate_model(changed(path, value))
    assert str(caught.value).startswith(f"{where}: ")


def test_a_unit_is_held_against_the_w3c_schema_too() -> None:
    document = {**LAMP, "claw:units": {"x": {"links": [{"rel": "tm:extends", "href": 5}]}}}
    with pytest.raises(DocumentInvalid, match=r"\(schema tm\)$"):
        schema.validate_model(document)


def test_a_description_without_security_is_refused() -> None:
    with pytest.raises(DocumentInvalid, match=r"'security' is a required property \(schema td\)"):
        schema.validate_description(
            {
                "@context": "https://www.w3.org/2022/wot/td/v1.1",
                "title": "x",
                "securityDefinitions": {"n": {"scheme": "nosec"}},
            }
        )


def test_structural_mistakes_that_parse_refuses_the_schema_refuses_too() -> None:
    """Unknown `claw:` words, at least: whoever edits with the schema at hand sees them at once."""
    words = [(path, value) for path, value, message in BAD if "unknown term 'claw:" in message]
    assert words
    for path, value in words:
        with pytest.raises(DocumentInvalid):
            schema.validate_model(changed(path, value))
