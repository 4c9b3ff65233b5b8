"""A document is refused with the place and the word; nothing in it can point elsewhere, widen, or hide a typo."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given

from claw.adapters.document import parse
from claw.errors import DocumentInvalid
from tests.adapters import mangle

LAMP: dict[str, Any] = {
    "@context": ["https://www.w3.org/2022/wot/td/v1.1", {"claw": "urn:claw:vocabulary:"}],
    "@type": "tm:ThingModel",
    "id": "urn:claw:adapter:lamp",
    "title": "Lamp",
    "version": {"model": "1.0.0"},
    "links": [{"rel": "tm:extends", "href": "claw:light", "type": "application/tm+json"}],
    "claw:binding": "http",
    "claw:match": [{"via": "mdns", "kind": "_lamp._tcp"}],
    "properties": {
        "on_off": {
            "claw:codec": [{"op": "enum", "map": {"0": False, "1": True}}],
            "forms": [
                {"op": "readproperty", "href": "/lamp", "claw:select": "on"},
                {"op": "writeproperty", "href": "/lamp", "claw:body": {"on": "{value}"}},
            ],
        }
    },
}
READ = {"op": "readproperty", "href": "/lamp"}


def changed(path: str, value: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(LAMP))
    *parents, last = path.split("/")
    target: Any = document
    for key in parents:
        target = target[int(key) if key.isdigit() else key]
    if value is ...:
        del target[last]
    else:
        target[int(last) if last.isdigit() else last] = value
    return document


def test_a_good_document_becomes_values() -> None:
    adapter = parse(LAMP)
    unit = adapter.units["main"]
    assert (adapter.id, adapter.binding, adapter.endpoint.scheme, adapter.endpoint.port) == (
        "lamp",
        "http",
        "http",
        None,
    )
    assert unit.capabilities == ("light",)
    bound = unit.properties["on_off"]
    assert bound.read is not None
    assert bound.write is not None
    assert (bound.read.method, bound.read.select, bound.write.method) == ("GET", "on", "PUT")
    assert bound.write.body == {"on": "{value}"}
    assert not bound.property.read_only


def test_without_a_write_form_a_property_can_only_be_read() -> None:
    document = changed("properties/on_off/forms", [READ])
    assert parse(document).units["main"].properties["on_off"].property.read_only


def test_where_a_bridge_tells_whether_a_unit_is_there() -> None:
    observe = {"href": "/events", "subprotocol": "sse", "claw:select": "there"}
    given = {"href": "/lamp", "claw:select": "reachable", "observe": observe}
    online = parse(changed("claw:online", given)).units["main"].online
    assert online is not None
    assert (online.read.op, online.read.method, online.read.select) == ("readproperty", "GET", "reachable")
    assert online.observe is not None
    assert (online.observe.op, online.observe.select) == ("observeproperty", "there")
    assert parse(LAMP).units["main"].online is None


FORM = "properties/on_off/forms/0"
BAD: list[tuple[str, Any, str]] = [
    ("claw:online", {"href": "/lamp"}, "/claw:online: 'claw:select' is missing"),
    (
        "claw:online",
        {"href": "/x", "claw:selct": "y"},
        "/claw:online: unknown term 'claw:selct'; did you mean 'claw:select'?",
    ),
    ("claw:online", {"href": "//evil.example", "claw:select": "y"}, "names another machine"),
    ("claw:online", {"href": "/{lamp}", "claw:select": "y"}, "unknown variable 'lamp'"),
    ("claw:online", {"href": "/x", "claw:select": "y", "htv:methodName": "PUT"}, "is GET only"),
    (
        "claw:online",
        {"href": "/x", "claw:select": "y", "observe": {"href": "/e"}},
        "/claw:online/observe: 'claw:select' is missing",
    ),
    ("claw:binding", "htp", "/claw:binding: unknown binding 'htp'; did you mean 'http'?"),
    ("claw:bindng", "http", "/: unknown term 'claw:bindng'; did you mean 'claw:binding'?"),
    ("id", "lamp", "/id: must be 'urn:claw:adapter:'"),
    ("id", "urn:claw:adapter:../x", "/id: must be"),
    ("@type", "Thing", "/@type: must be 'tm:ThingModel'"),
    ("title", ..., "/: 'title' is missing"),
    ("title", 5, "/title: must be a string, not a number"),
    ("links", [], "/: extends no capability"),
    ("links/0/href", "claw:lihgt", "/links/0/href: unknown capability 'claw:lihgt'; did you mean 'claw:light'?"),
    ("links/0/href", "other:light", "/links/0/href: must be 'claw:' and a capability"),
    ("properties/on_off", ..., "the property 'on_off', which every light has, is missing"),
    (
        "properties/brightnes",
        {"forms": [READ]},
        "unknown property 'brightnes'; this extends light; did you mean 'brightness'?",
    ),
    ("properties/on_off/type", "number", "/properties/on_off/type: 'on_off' is of type 'boolean'"),
    ("properties/brightness", {"maximum": 255, "forms": [READ]}, "255 is wider than the capability's 100"),
    ("properties/brightness", {"minimum": -1, "forms": [READ]}, "-1 is wider than the capability's 0"),
    ("properties/brightness", {"unit": "volt", "forms": [READ]}, "'brightness' is in percent"),
    ("properties/brightness", {"claw:verify": {"tolerance": 50}, "forms": [READ]}, "must be from 0 to 1"),
    (
        "properties/brightness",
        {"claw:verify": {"settel": 5}, "forms": [READ]},
        "unknown term 'settel'; did you mean 'settle'?",
    ),
    ("properties/on_off/claw:when", "x", "every light has 'on_off'; it cannot depend"),
    ("properties/brightness", {"claw:when": "x", "forms": [READ]}, "needs a 'claw:expand'"),
    ("properties/on_off/forms", [], "needs a form with op 'readproperty'"),
    ("properties/on_off/forms", {}, "must be an array, not an object"),
    ("properties/on_off/forms/1/op", "readproperty", "a second form with op 'readproperty'"),
    ("properties/on_off/forms/1/op", "invokeaction", "unknown op 'invokeaction'"),
    (
        f"{FORM}/claw:selct",
        "on",
        "/properties/on_off/forms/0: unknown term 'claw:selct'; did you mean 'claw:select'?",
    ),
    (f"{FORM}/claw:select", "on[", "is not JMESPath"),
    (f"{FORM}/htv:methodName", "DELETE", "unknown method 'DELETE'"),
    (f"{FORM}/href", "//evil.example/x", "names another machine"),
    (f"{FORM}/href", "http://evil.example/x", "names another machine"),
    (f"{FORM}/href", "javascript:alert(1)", "names another machine"),
    (f"{FORM}/href", "/a/../b", "climbs out"),
    (f"{FORM}/href", "/a/%2e%2e/b", "climbs out"),
    (f"{FORM}/href", "/\\evil.example", "names another machine"),
    (f"{FORM}/href", "/%2Fevil.example", "names another machine"),
    (f"{FORM}/href", "/a\r\nHost: evil", "control characters"),
    (f"{FORM}/href", "/a%0d%0aHost:%20evil", "control characters"),
    (f"{FORM}/href", "/cm?cmnd=Restart%201", "says 'Restart'; nothing that only looks may go there"),
    (f"{FORM}/href", "/rpc/Shelly.Factory_Reset", "nothing that only looks may go there"),
    ("claw:identity", [{"scheme": "mac", "href": "/update"}], "says 'update'"),
    (f"{FORM}/href", "lamp", "must start with '/'"),
    (f"{FORM}/href", "/a b", "write %20"),
    (f"{FORM}/href", "/" + "a" * 1500, "longer than 1000"),
    (f"{FORM}/href", "/{lamp}", "unknown variable 'lamp'; there are: none"),
    (f"{FORM}/href", "/{value}", "unknown variable 'value'"),
    ("properties/on_off/forms/1/claw:body", {"on": "{valeu}"}, "unknown variable 'valeu'; did you mean 'value'?"),
    ("properties/on_off/claw:codec", [{"op": "enmu", "map": {}}], "unknown codec op 'enmu'; did you mean 'enum'?"),
    ("properties/on_off/claw:codec", [{"op": "enum"}], "'map' is missing"),
    ("properties/on_off/claw:codec", [{"op": "enum", "map": {}}], "must list 1 to 256 values"),
    ("properties/on_off/claw:codec", [{"op": "enum", "map": {"1": None}}], "must be a plain value"),
    ("properties/on_off/claw:codec", [{"op": "scale", "from": [0, 0], "to": [0, 1]}], "two different numbers"),
    ("properties/on_off/claw:codec", [{"op": "scale", "from": [0, True], "to": [0, 1]}], "must be a number"),
    ("properties/on_off/claw:codec", [{"op": "reciprocal", "of": 0}], "must be above zero"),
    ("properties/on_off/claw:codec", [{"op": "round", "digits": 99}], "whole number from -6 to 9"),
    ("properties/on_off/claw:codec", [{"op": "cast", "to": "float", "wire": "string"}], "unknown type 'float'"),
    ("properties/on_off/claw:codec", [{"op": "color", "wire": "hsl"}], "unknown colour format 'hsl'"),
    ("properties/on_off/claw:codec", [{"op": "bits", "mask": 0, "shift": 0}], "whole number from 1"),
    ("properties/on_off/claw:codec", [{"op": "round"}] * 9, "at most 8"),
    ("claw:endpoint", {"host": "evil.example"}, "/claw:endpoint: unknown term 'host'"),
    ("claw:endpoint", {"port": 70000}, "whole number from 1 to 65535"),
    ("claw:match", [{}], "would match everything"),
    ("claw:match", [{"via": "mdsn"}], "unknown way of announcing 'mdsn'; did you mean 'mdns'?"),
    ("claw:match", [{"probe": {"href": "/x", "htv:methodName": "POST", "equals": "*"}}], "unknown"),
    (
        "claw:identity",
        [{"scheme": "sreial", "href": "/x"}],
        "unknown identity scheme 'sreial'; did you mean 'serial'?",
    ),
    ("claw:credential", {"in": "uri"}, "'name' is missing"),
    ("claw:credential", {"in": "basic", "password": "hunter2"}, "unknown term 'password'"),
    ("claw:units", {"x": {}}, "stands beside 'claw:units'"),
    ("actions", {"open": {"forms": []}}, "unknown action 'open'"),
    ("claw:expand", {"href": "/x", "unit": "id", "where": "y"}, "unknown term 'where'"),
    ("claw:expand", {"href": "/x", "htv:methodName": "POST", "unit": "id"}, "GET only"),
]


@pytest.mark.parametrize(("path", "value", "message"), BAD)
def test_a_bad_document_is_refused_with_the_place_and_the_word(path: str, value: Any, message: str) -> None:
    with pytest.raises(DocumentInvalid) as caught:
        parse(changed(path, value))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_can_only_be_read_cannot_be_written() -> None:
    document = changed("links/0/href", "claw:sensor")
    document["properties"] = {"power": {"forms": [READ, {"op": "writeproperty", "href": "/x"}]}}
    with pytest.raises(DocumentInvalid, match="'power' is read-only"):
        parse(document)


def test_a_fixed_unit_and_an_action_with_arguments() -> None:
    document = {key: value for key, value in LAMP.items() if key not in ("properties", "links")}
    document["claw:units"] = {
        "zone": {
            "claw:unit": "1",
            "title": "Kitchen",
            "links": [{"rel": "tm:extends", "href": "claw:speaker"}],
            "properties": {"playback": {"forms": [READ]}, "volume": {"forms": [READ]}},
            "actions": {
                name: {"forms": [{"op": "invokeaction", "href": "/do", "claw:body": {"a": name}}]}
                for name in ("play", "pause")
            }
            | {"join": {"forms": [{"op": "invokeaction", "href": "/join", "claw:body": {"with": "{group}"}}]}},
        }
    }
    unit = parse(document).units["zone"]
    assert (unit.unit, unit.title, sorted(unit.actions)) == ("1", "Kitchen", ["join", "pause", "play"])


def test_other_wires_have_other_addresses() -> None:
    document = changed("claw:binding", "mqtt")
    for form in document["properties"]["on_off"]["forms"]:
        form["href"] = "zigbee2mqtt/lamp/state"
    assert parse(document).units["main"].properties["on_off"].read.method == ""  # type: ignore[union-attr]
    document["properties"]["on_off"]["forms"][0]["href"] = "mqtt://evil.example/x"
    with pytest.raises(DocumentInvalid, match="names another machine"):
        parse(document)


def test_a_document_that_is_too_large_or_no_json() -> None:
    with pytest.raises(DocumentInvalid, match="larger than"):
        parse(changed("description", "x" * 600_000))
    with pytest.raises(DocumentInvalid, match="is not JSON"):
        parse(changed("description", float("nan")))
    with pytest.raises(DocumentInvalid, match="must be an object"):
        parse([])  # type: ignore[arg-type]


@given(document=mangle.mangled(LAMP))
def test_any_damage_brings_an_adapter_or_a_clear_refusal(document: Any) -> None:
    refusal = ""
    try:
        parse(document)
    except DocumentInvalid as error:
        refusal = str(error)
    assert not refusal or (refusal.startswith("/") and "\n" not in refusal)


@pytest.mark.parametrize("depth", [70, 900, 100_000])
@pytest.mark.parametrize("shell", [lambda inner: {"a": inner}, lambda inner: [inner]])
def test_a_document_nested_too_deeply_is_refused(depth: int, shell: Callable[[Any], Any]) -> None:
    inner: Any = 1
    for _ in range(depth):
        inner = shell(inner)
    try:
        with pytest.raises(DocumentInvalid, match="nested too deeply"):
            parse({**LAMP, "claw:match": inner})
    finally:
        while isinstance(inner, dict | list):  # taken apart by hand: letting go of it would nest as deeply
            inner = next(iter(inner.values() if isinstance(inner, dict) else inner))
