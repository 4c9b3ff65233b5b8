from __future__ import annotations

import io
import json

import aiohttp
import pytest

from claw.lifespan import Phase
from claw.model.principal import Role
from tests.support.living import Living


async def test_health_needs_no_token_and_tells_nothing_of_the_household(home: Living) -> None:
    assert await home.call("GET", "/healthz", token="") == (200, "ok\n")
    assert await home.call("GET", "/startupz", token="") == (200, "ok\n")
    status, ready = await home.call("GET", "/readyz", token="")
    assert status == 200
    assert ready["ready"] is True
    assert {"http", "observing", "polling", "mqtt"} <= set(ready["services"])
    status, metrics = await home.call("GET", "/metrics", token="")
    assert status == 200
    assert "# TYPE claw_things gauge\nclaw_things 0\n" in metrics


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/things"),
        ("GET", "/api/v1/things/x"),
        ("PUT", "/api/v1/things/x/properties/on_off"),
        ("POST", "/api/v1/things/x/actions/play"),
        ("POST", "/api/v1/messages"),
        ("GET", "/api/v1/devices"),
        ("POST", "/api/v1/discover"),
        ("POST", "/api/v1/adopt"),
        ("GET", "/api/v1/adapters"),
        ("POST", "/api/v1/adapters"),
        ("GET", "/api/v1/tokens"),
        ("POST", "/api/v1/tokens"),
        ("DELETE", "/api/v1/tokens/test"),
        ("GET", "/api/v1/changes"),
    ],
)
@pytest.mark.parametrize("token", ["", "wrong", "claw_" + "x" * 43])
async def test_every_route_wants_a_token_we_know(home: Living, method: str, path: str, token: str) -> None:
    body = {"text": "hi", "value": True, "target": "x", "name": "x"} if method in {"PUT", "POST"} else None
    status, problem = await home.call(method, path, body, token=token)
    assert status == 401
    assert problem["type"] == "urn:claw:problem:unauthorized"
    assert "token" in problem["detail"]


async def test_a_write_is_read_back_and_kept_in_the_journal(home: Living) -> None:
    thing = await home.adopt()
    status, effect = await home.call("PUT", f"/api/v1/things/{thing}/properties/on_off", {"value": True})
    assert status == 200, effect
    assert (effect["verified"], effect["old"], effect["new"]) == (True, False, True)
    _, shown = await home.call("GET", f"/api/v1/things/{thing}")
    assert shown["properties"]["on_off"]["value"] is True
    _, changes = await home.call("GET", "/api/v1/changes?limit=5")
    assert changes[0]["effect"]["property"] == "on_off"
    assert changes[0]["context"]["origin"] == "api:Anna"


async def test_a_read_asks_the_device_now(home: Living) -> None:
    thing = await home.adopt()
    status, reading = await home.call("GET", f"/api/v1/things/{thing}/properties/brightness")
    assert (status, reading["value"], reading["error"]) == (200, 100, "")
    assert reading["at"] > 1.7e9
    status, problem = await home.call("GET", f"/api/v1/things/{thing}/properties/colour")
    assert (status, problem["detail"]) == (404, "Reading lamp has no property 'colour'; it has on_off, brightness.")


async def test_dimming_a_lamp_that_is_off_answers_about_the_brightness(home: Living) -> None:
    thing = await home.adopt()
    status, effect = await home.call("PUT", f"/api/v1/things/{thing}/properties/brightness", {"value": 40})
    assert (status, effect["property"], effect["verified"]) == (200, "brightness", True)


@pytest.mark.parametrize(
    ("path", "body", "status", "words"),
    [
        ("properties/brightness", {"value": 101}, 422, "100"),
        ("properties/brightness", {"value": "bright"}, 422, "number"),
        ("properties/brightnes", {"value": 10}, 404, "brightnes"),
        ("properties/on_off", {}, 422, "value"),
    ],
)
async def test_nonsense_is_refused_before_the_wire(
    home: Living, path: str, body: dict[str, object], status: int, words: str
) -> None:
    thing = await home.adopt()
    await home.client.get(home.bridge + "/log")
    code, problem = await home.call("PUT", f"/api/v1/things/{thing}/{path}", body)
    assert code == status, problem
    assert words in problem["detail"]
    assert problem["status"] == status
    async with home.client.get(home.bridge + "/log") as log:
        assert await log.json() == []


async def test_a_message_is_answered_from_the_read_back(home: Living) -> None:
    thing = await home.adopt()
    status, reply = await home.call("POST", "/api/v1/messages", {"text": "turn on the reading lamp"})
    assert status == 200
    assert set(reply) == {"reply", "intents", "effects", "asked"}
    assert [(e["thing"], e["new"], e["verified"]) for e in reply["effects"]] == [(thing, True, True)]
    assert reply["asked"] is False
    assert "Reading lamp is on" in reply["reply"]


async def test_an_owner_may_speak_as_another_member_and_nobody_else_may(home: Living) -> None:
    body = {"text": "what can you do?", "as": "Nobody"}
    status, problem = await home.call("POST", "/api/v1/messages", body)
    assert (status, problem["detail"]) == (404, "Nobody in the household is called 'Nobody'.")
    guest = await home.house.store.tokens.create("guest", Role.GUEST)
    status, _ = await home.call("POST", "/api/v1/messages", {"text": "hi", "as": "Anna"}, token=guest)
    assert status == 403


async def test_a_guest_adopts_nothing_and_makes_no_tokens(home: Living) -> None:
    guest = await home.house.store.tokens.create("guest", Role.GUEST)
    for method, path, body in (
        ("POST", "/api/v1/adopt", {"target": home.bridge}),
        ("POST", "/api/v1/tokens", {"name": "mine", "role": "owner"}),
        ("GET", "/api/v1/tokens", None),
        ("POST", "/api/v1/discover", {"sweep": True}),
        ("POST", "/api/v1/adapters", {}),
    ):
        status, problem = await home.call(method, path, body, token=guest)
        assert status == 403, path
        assert "owner" in problem["detail"]


async def test_adoption_shows_progress_and_ends_with_the_contract(home: Living) -> None:
    status, text = await home.call("POST", "/api/v1/adopt", {"target": home.bridge, "yes": True})
    assert status == 200
    lines = [json.loads(line) for line in text.splitlines()]
    assert all("progress" in line for line in lines[:-1])
    assert lines[:-1]
    assert set(lines[-1]) == {"things", "receipts", "asked"}
    things = [(t["title"], t["level"], t["capabilities"]) for t in lines[-1]["things"]]
    assert things == [("Reading lamp", 5, ["light"])]
    assert {r["level"] for r in lines[-1]["receipts"]} >= {0, 1, 2, 4, 5}


async def test_what_cannot_be_adopted_says_why_in_its_last_line(home: Living) -> None:
    _, text = await home.call("POST", "/api/v1/adopt", {"target": "no-such-thing"})
    last = json.loads(text.splitlines()[-1]) if isinstance(text, str) else text
    assert "no-such-thing" in last["detail"]


async def test_a_pairing_code_works_once(home: Living) -> None:
    code = await home.house.store.pairing.create(60, role=Role.ADULT)
    status, made = await home.call("POST", "/api/v1/pair", {"code": code, "name": "phone"}, token="")
    assert status == 200
    assert (await home.call("GET", "/api/v1/things", token=made["token"]))[0] == 200
    assert (await home.call("POST", "/api/v1/pair", {"code": code}, token=""))[0] == 401


async def test_tokens_are_made_listed_and_revoked(home: Living) -> None:
    status, made = await home.call("POST", "/api/v1/tokens", {"name": "script", "role": "guest"})
    assert status == 201
    assert {"name": "script", "role": "guest"} in (await home.call("GET", "/api/v1/tokens"))[1]
    assert (await home.call("DELETE", "/api/v1/tokens/script"))[0] == 204
    assert (await home.call("GET", "/api/v1/things", token=made["token"]))[0] == 401
    assert (await home.call("DELETE", "/api/v1/tokens/script"))[0] == 404


async def test_adapters_are_listed_shown_and_checked_on_import(home: Living) -> None:
    _, adapters = await home.call("GET", "/api/v1/adapters")
    assert any(a["id"].endswith("wled") and not a["made"] for a in adapters)
    status, document = await home.call("GET", "/api/v1/adapters/wled")
    assert status == 200
    document["id"] += "-mine"
    assert (await home.call("POST", "/api/v1/adapters", document))[0] == 201
    document["claw:selct"] = 1
    status, problem = await home.call("POST", "/api/v1/adapters", document)
    assert status == 422
    assert "claw:selct" in problem["detail"]


async def test_the_openapi_document_names_every_route(home: Living) -> None:
    status, document = await home.call("GET", "/api/v1/openapi.json", token="")
    assert status == 200
    assert "/api/v1/things/{id_}/properties/{name}" in document["paths"]


async def test_a_route_that_is_not_there_is_a_problem_too(home: Living) -> None:
    status, problem = await home.call("GET", "/api/v1/nothing")
    assert (status, problem["status"], problem["title"]) == (404, 404, "Not Found")


async def test_a_novel_is_not_a_message(home: Living) -> None:
    status, problem = await home.call("POST", "/api/v1/messages", {"text": "x" * 5000})
    assert status == 400
    assert "4096" in problem["detail"]


async def test_names_and_areas_are_an_owners_to_change(home: Living) -> None:
    thing = await home.adopt()
    device = home.house.registry.things[thing].device_id
    status, area = await home.call("PUT", "/api/v1/areas", {"name": "Attic", "aliases": ["loft"]})
    assert (status, area["id"]) == (200, "attic")
    assert (await home.call("GET", "/api/v1/areas"))[1] == [area]
    status, shown = await home.call("PATCH", f"/api/v1/things/{thing}", {"title": "Moon", "area": "attic"})
    assert (status, shown["title"], shown["area"]) == (200, "Moon", "attic")
    assert (await home.call("PATCH", f"/api/v1/things/{thing}", {"area": "cellar"}))[0] == 404
    assert (await home.call("PATCH", f"/api/v1/devices/{device}", {"ignored": True}))[0] == 204
    assert home.house.registry.devices[device].ignored
    guest = await home.house.store.tokens.create("guest", Role.GUEST)
    for method, path, body in (
        ("PATCH", f"/api/v1/things/{thing}", {"title": "Mine"}),
        ("DELETE", f"/api/v1/things/{thing}", None),
        ("PUT", "/api/v1/areas", {"name": "Mine"}),
        ("PATCH", f"/api/v1/devices/{device}", {"ignored": False}),
    ):
        assert (await home.call(method, path, body, token=guest))[0] == 403
    assert (await home.call("DELETE", f"/api/v1/devices/{device}", token=guest))[0] == 403
    status, problem = await home.call("DELETE", f"/api/v1/devices/{device}")
    assert status == 409
    assert "let them go first" in problem["detail"]
    assert (await home.call("DELETE", f"/api/v1/things/{thing}"))[0] == 204
    assert (await home.call("GET", "/api/v1/things"))[1] == []
    assert (await home.call("DELETE", f"/api/v1/devices/{device}"))[0] == 204
    assert device not in home.house.registry.devices
    assert (await home.call("DELETE", f"/api/v1/devices/{device}"))[0] == 404


async def test_the_front_door_says_what_this_is_and_nothing_of_the_household(home: Living) -> None:
    status, words = await home.call("GET", "/", token="")
    assert status == 200
    assert "claw ask" in words
    assert "Anna" not in words


@pytest.mark.parametrize("path", ["/api/v1/messages", "/api/v1/adapters", "/api/v1/pair"])
async def test_a_flood_is_refused_while_it_arrives(home: Living, path: str) -> None:
    sent = 0

    async def flood():  # noqa: ANN202
        nonlocal sent
        for _ in range(400):
            sent += 65536
            yield bytes(65536)

    headers = {"Content-Type": "application/json"}
    try:
        async with home.client.post(home.url + path, data=flood(), headers=headers) as answer:
            assert answer.status in {401, 413}
    except (aiohttp.ClientConnectionError, ConnectionResetError):
        pass  # refused so early that the rest could not be sent
    assert sent < 20 * 1024 * 1024
    async with home.client.post(home.url + path, data=io.BytesIO(bytes(2_000_000)), headers=headers) as answer:
        assert answer.status == 413
        assert answer.headers["content-type"] == "application/problem+json"
        assert "1024 KiB" in (await answer.json(content_type=None))["detail"]
    assert (await home.call("GET", "/healthz", token=""))[0] == 200


async def test_problems_have_their_media_type(home: Living) -> None:
    for path in ("/api/v1/things", "/nowhere"):
        async with home.client.get(home.url + path) as answer:
            assert answer.headers["content-type"] == "application/problem+json"


async def test_a_service_that_failed_is_told_by_readyz(home: Living) -> None:
    home.house.services.mark("discovery", Phase.FAILED, "no network")
    status, ready = await home.call("GET", "/readyz", token="")
    assert (status, ready["ready"]) == (503, False)
    assert ready["services"]["discovery"]["reason"] == "no network"
