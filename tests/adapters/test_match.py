"""Recognising: every condition counts, the most precise wins, and nobody is probed who was not pointed out."""

from __future__ import annotations

import json
from typing import Any

import pytest

from claw.adapters import match
from claw.adapters.document import parse
from claw.errors import CredentialMissing, DeviceGarbage, DeviceOffline
from claw.model.announcement import Announcement, Via
from claw.model.form import Form
from claw.model.identity import Identity, Scheme
from claw.model.json import Json
from tests.adapters import captures
from tests.adapters.test_document import LAMP


def lamp(**more: Any) -> Any:
    return parse({**json.loads(json.dumps(LAMP)), **more})


def said(**more: Any) -> Announcement:
    given: dict[str, Any] = {
        "via": Via.MDNS,
        "kind": "_Lamp._tcp",
        "name": "Lamp 1",
        "hosts": ("192.0.2.1",),
        "port": 81,
    }
    return Announcement(**given | more)


def first(adapter: Any, announcement: Announcement) -> match.Candidate:
    return match.candidates(captures.device(announcement), [adapter])[0]


@pytest.mark.parametrize(
    ("rule", "fits"),
    [
        ({"via": "mdns", "kind": "_lamp._tcp"}, True),
        ({"via": "ssdp", "kind": "_lamp._tcp"}, False),
        ({"kind": "_lamp*", "name": "lamp *"}, True),
        ({"kind": "_lamp*", "name": "shade *"}, False),
        ({"kind": "_lamp*", "fields": {"MODEL": "x?"}}, True),
        ({"kind": "_lamp*", "fields": {"model": "y*"}}, False),
        ({"kind": "_lamp*", "fields": {"serial": "*"}}, False),
        ({"port": 81}, True),
        ({"port": 80}, False),
        ({"probe": {"href": "/", "equals": "*"}}, False),
    ],
)
def test_every_condition_must_hold(rule: dict[str, Any], fits: bool) -> None:  # noqa: FBT001 - a table
    found = match.candidates(captures.device(said(fields={"model": "X1"})), [lamp(**{"claw:match": [rule]})])
    assert bool(found) is fits


def test_the_more_precise_rule_wins_and_ties_are_stable() -> None:
    rough = lamp(id="urn:claw:adapter:a-rough")
    fine = lamp(id="urn:claw:adapter:z-fine", **{"claw:match": [{"kind": "_lamp._tcp", "fields": {"model": "x1"}}]})
    twin = lamp(id="urn:claw:adapter:b-rough")
    found = match.candidates(captures.device(said(fields={"model": "x1"})), [twin, rough, fine])
    assert [each.adapter.id for each in found] == ["z-fine", "a-rough", "b-rough"]


def test_the_endpoint_comes_from_the_announcement_and_the_port_may_be_fixed() -> None:
    assert first(lamp(), said()).endpoint.port == 81
    assert first(lamp(**{"claw:endpoint": {"port": 9123}}), said()).endpoint.port == 9123
    rule = {"kind": "_lamp._tcp", "port": 81, "endpoint": {"scheme": "https", "port": 443}}
    where = first(lamp(**{"claw:match": [rule]}), said()).endpoint
    assert (where.scheme, where.host, where.port, where.auth) == ("https", "192.0.2.1", 443, "none")
    assert first(lamp(), said(hosts=())).endpoint.host == "192.0.2.10"


def test_an_optional_credential_counts_once_it_is_there() -> None:
    adapter = lamp(**{"claw:credential": {"in": "digest", "name": "admin", "optional": True}})
    device = captures.device(said())
    assert match.endpoint(adapter, device, said()).auth == "none"
    locked = match.endpoint(adapter, device, said(), secret="ref")
    assert (locked.auth, locked.auth_name, locked.secret) == ("digest", "admin", "ref")
    always = lamp(**{"claw:credential": {"in": "header", "name": "key"}})
    assert match.endpoint(always, device, said()).auth == "header"


PROBED = {
    "claw:match": [{"kind": "_lamp._tcp", "probe": {"href": "/info", "claw:select": "brand", "equals": "Lum*"}}],
    "claw:identity": [
        {"scheme": "serial", "href": "/info", "claw:select": "serial"},
        {"scheme": "mac", "href": "/info"},
    ],
}


@pytest.mark.parametrize(
    ("answer", "yes"),
    [
        ({"brand": "LUMEN", "serial": "A1"}, True),
        ({"brand": "LUMEN", "serial": 17}, True),
        ({"brand": "LUMEN", "serial": ""}, False),
        ({"brand": "LUMEN"}, False),
        ({"brand": "Other", "serial": "A1"}, False),
        ({"brand": ["Lumen"], "serial": "A1"}, False),
        ("<html>", False),
        (None, False),
        (DeviceGarbage("x"), False),
        (DeviceOffline("x"), False),
    ],
)
async def test_a_candidate_is_confirmed_by_its_own_answers(answer: Any, yes: bool) -> None:  # noqa: FBT001 - a table
    async def read(form: Form) -> Json:
        assert form.method == "GET"
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    assert await match.confirm(first(lamp(**PROBED), said()), read) is yes


async def test_a_locked_device_says_so() -> None:
    async def read(form: Form) -> Json:
        raise CredentialMissing("locked")

    with pytest.raises(CredentialMissing):
        await match.confirm(first(lamp(**PROBED), said()), read)


async def test_identities_are_read_once_and_normalised() -> None:
    asked: list[str] = []

    async def read(form: Form) -> Json:
        asked.append(form.href)
        return {"serial": " Ab1 "}

    found = await match.identities(lamp(**PROBED), read)
    assert found == (Identity(Scheme.SERIAL, "ab1"),)
    assert asked == ["/info"]


def test_a_upnp_device_is_known_by_its_description_too() -> None:
    """The root device may be heard before the device type that an adapter names."""
    root = Announcement(
        Via.SSDP, "upnp:rootdevice", "Pool", ("192.0.2.1",), 80, {"devicetype": "urn:maker:device:PoolController:1"}
    )
    rule = {"via": "ssdp", "kind": "urn:maker:device:PoolController:1"}
    other = {"via": "ssdp", "kind": "urn:maker:device:Other:1"}
    assert match.candidates(captures.device(root), [lamp(**{"claw:match": [rule]})])
    assert not match.candidates(captures.device(root), [lamp(**{"claw:match": [other]})])
