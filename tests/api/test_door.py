"""The door: texts and health are answered before the whole API is there, and by it whenever they look odd."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest

from claw.api.door import MAX_BODY
from tests.support.living import Living, living

PATH = "/api/v1/messages"


async def send(home: Living, body: bytes, kind: str = "application/json", token: str = "") -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {token or home.token}", "Content-Type": kind}
    async with home.client.post(home.url + PATH, data=body, headers=headers) as answer:
        return answer.status, json.loads(await answer.text())


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b'{"text": "hello"}', "application/json", 200),
        (b'{"text": "hello"}', "application/json; charset=utf-8", 200),
        (b'{"text": 1}', "application/json", 422),
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b'{"text": "hello"}', "text/plain", 422),
        (b'{"text": "' + b"x" * 5000 + b'"}', "application/json", 400),
    ],
)
async def test_plain_and_odd_texts_meet_the_same_rules(home: Living, body: bytes, kind: str, status: int) -> None:
    got, answer = await send(home, body, kind)
    assert got == status, answer
    assert ("reply" in answer) == (status == 200)
    assert ("type" in answer) == (status != 200)


async def test_a_flood_is_refused_and_not_kept(home: Living) -> None:
    status, answer = await send(home, b'{"text": "' + b"x" * (4 * MAX_BODY) + b'"}')
    assert status in {400, 413}
    assert "detail" in answer


async def test_a_stranger_is_told_how_to_get_in(home: Living) -> None:
    status, answer = await send(home, b'{"text": "hello"}', token="claw_no")
    assert (status, answer["type"]) == (401, "urn:claw:problem:unauthorized")


async def test_many_first_requests_load_the_whole_api_once(tmp_path: Path) -> None:
    async with living(tmp_path) as home:
        got: list[int] = []

        async def ask(path: str) -> None:
            got.append((await home.call("GET", path))[0])

        async with anyio.create_task_group() as group:
            for path in ("/healthz", "/api/v1/things", "/metrics", "/readyz", "/api/v1/openapi.json"):
                group.start_soon(ask, path)
        assert got == [200] * 5


def test_a_text_needs_no_web_framework() -> None:
    code = (
        "import sys; import claw.cli.serving; "
        "print([name for name in ('fastapi', 'zeroconf', 'pydantic.v1', 'rapidfuzz') if sys.modules.get(name)])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
