"""Each verb as a stranger would type it, against a real daemon on a real socket."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import anyio.to_thread
import pytest

from claw.cli import main
from claw.cli.daemon import published
from tests.support.living import Living, living


@dataclass
class Shell:
    home: Living
    data: Path
    capsys: pytest.CaptureFixture[str]

    async def run(self, *words: str) -> tuple[int, str, str]:
        argv = [*words, "--data", str(self.data)]

        def call() -> int:
            try:
                return main(argv)
            except SystemExit as stop:
                return int(stop.code or 0)

        code = await anyio.to_thread.run_sync(call)
        out, err = self.capsys.readouterr()
        return code, out, err


@pytest.fixture
async def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> AsyncIterator[Shell]:
    async with living(tmp_path) as home:
        with published(tmp_path, home.url, home.token):
            yield Shell(home, tmp_path, capsys)


async def test_adopt_then_ask_then_things(shell: Shell) -> None:
    code, out, err = await shell.run("adopt", shell.home.bridge, "--yes")
    assert code == 0, err
    assert "Reading lamp" in out
    assert "level 5, written and read back" in out
    assert "Proving Reading lamp" in err

    code, out, _ = await shell.run("ask", "turn on the reading lamp", "--json")
    reply = json.loads(out)
    assert code == 0
    assert set(reply) == {"reply", "intents", "effects", "asked"}
    assert reply["effects"][0]["verified"] is True
    assert {"thing", "property", "old", "new", "verified", "ms"} <= set(reply["effects"][0])

    code, out, _ = await shell.run("things")
    assert code == 0
    assert "Reading lamp" in out
    assert " on, brightness" in out
    assert json.loads((await shell.run("things", "--json"))[1])[0]["title"] == "Reading lamp"


async def test_adopt_json_is_the_contract_and_nothing_else(shell: Shell) -> None:
    code, out, err = await shell.run("adopt", shell.home.bridge, "--yes", "--json")
    assert (code, err) == (0, "")
    result = json.loads(out)
    assert set(result) == {"things", "receipts", "asked"}
    assert set(result["things"][0]) == {"id", "title", "level", "capabilities"}


async def test_adapters_can_be_shown_exported_checked_and_imported(shell: Shell, tmp_path: Path) -> None:
    code, out, _ = await shell.run("adapter", "show")
    assert code == 0
    assert "wled" in out
    code, out, _ = await shell.run("adapter", "export", "wled")
    file = tmp_path / "mine.tm.json"
    document = json.loads(out)
    document["id"] += "-mine"
    file.write_text(json.dumps(document))
    code, out, _ = await shell.run("adapter", "check", str(file))
    assert code == 0, out
    assert "ok   0" in out
    assert (await shell.run("adapter", "import", str(file)))[:2] == (0, "Kept wled-mine.\n")
    file.write_text("{]")
    code, _, err = await shell.run("adapter", "check", str(file))
    assert code == 2
    assert "is not JSON" in err
    code, _, err = await shell.run("adapter", "check", str(tmp_path / "nowhere.json"))
    assert code == 2
    assert "cannot be read" in err


async def test_a_thing_can_be_verified_again(shell: Shell) -> None:
    thing = await shell.home.adopt()
    code, out, _ = await shell.run("adapter", "verify", thing, "--yes")
    assert code == 0
    assert "ok   5 on_off:" in out


async def test_tokens(shell: Shell) -> None:
    code, out, _ = await shell.run("token", "create", "kitchen tablet", "--role", "guest")
    assert code == 0
    assert (await shell.home.call("GET", "/api/v1/things", token=out.strip()))[0] == 200
    assert "kitchen tablet" in (await shell.run("token", "list"))[1]
    assert (await shell.run("token", "revoke", "kitchen tablet"))[0] == 0


async def test_doctor_says_where_the_daemon_is(shell: Shell) -> None:
    code, out, _ = await shell.run("doctor")
    assert f"ok   daemon: serves at {shell.home.url}" in out
    assert code in {0, 1}  # a machine without a network has no multicast, and is told so


async def test_discover_prints_devices(shell: Shell) -> None:
    await shell.home.adopt()
    code, out, _ = await shell.run("discover", "--seconds", "0.05", "--json")
    assert code == 0
    device = json.loads(out)[0]
    assert device["hosts"] == ["127.0.0.1"]
    assert device["things"]


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("discover", "--seconds", "0"), 2, "--seconds must be"),
        (("adopt", "no-such-thing"), 1, "no-such-thing"),
        (("adapter", "export", "toaster"), 1, "No adapter has the id 'toaster'"),
        (("token", "revoke", "nobody"), 1, "nobody"),
        (("ask", "hello", "--as", "Nobody"), 1, "Nobody in the household is called 'Nobody'"),
        (("frobnicate",), 2, "invalid choice: 'frobnicate'"),
        (("ask",), 2, "required: text"),
    ],
)
async def test_what_goes_wrong_is_one_line_with_the_right_code(
    shell: Shell, words: tuple[str, ...], code: int, says: str
) -> None:
    got, out, err = await shell.run(*words)
    assert got == code
    assert out == ""
    assert says in err
    if code == 1:
        assert err.count("\n") == 1


def test_without_a_daemon_the_way_to_start_one_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["things", "--data", str(tmp_path)]) == 1
    assert "Start one with 'claw up' or 'claw demo'" in capsys.readouterr().err


def test_understand_answers_line_by_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    house = {
        "areas": [{"id": "kitchen", "name": "kitchen"}],
        "devices": [
            {
                "id": "light.k",
                "name": "kitchen lamp",
                "domain": "light",
                "area": "kitchen",
                "capabilities": ["on_off"],
            }
        ],
    }
    (tmp_path / "house.json").write_text(json.dumps(house))
    lines = ['{"id": "1", "lang": "en", "text": "turn on the kitchen lamp"}', "not json"]
    monkeypatch.setattr("sys.stdin", iter(line + "\n" for line in lines))
    assert main(["understand", "--house", str(tmp_path / "house.json")]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["id"], first["outcome"]) == ("1", "act")
    assert first["commands"][0]["targets"] == ["light.k"]
    assert first["latency_ms"] >= 0
    assert "error" in second
    assert main(["understand", "--house", str(tmp_path / "none.json")]) == 2


async def test_a_thing_is_renamed_moved_and_forgotten(shell: Shell) -> None:
    thing = await shell.home.adopt()
    code, out, _ = await shell.run("thing", thing, "--title", "Moon", "--area", "Attic", "--alias", "night light")
    assert (code, out) == (0, "Moon (reading-lamp), area attic, also called night light\n")
    _, out, _ = await shell.run("ask", "turn on the night light", "--json")
    assert json.loads(out)["effects"][0]["verified"] is True
    _, out, _ = await shell.run("ask", "turn off the lights in the attic", "--json")
    assert json.loads(out)["effects"][0]["new"] is False
    assert (await shell.run("thing", thing))[0] == 2
    assert (await shell.run("thing", thing, "--forget"))[:2] == (0, "reading-lamp is forgotten.\n")
    assert "No things yet" in (await shell.run("things"))[1]
    code, _, err = await shell.run("thing", thing, "--title", "Moon")
    assert (code, "No thing has the id" in err) == (1, True)


async def test_another_phone_is_paired_with_a_code(shell: Shell) -> None:
    code, out, _ = await shell.run("token", "pair", "--role", "guest")
    assert code == 0
    status, made = await shell.home.call("POST", "/api/v1/pair", {"code": out.strip(), "name": "phone"}, token="")
    assert status == 200
    assert {"name": "phone", "role": "guest"} in (await shell.home.call("GET", "/api/v1/tokens"))[1]
    assert (await shell.home.call("POST", "/api/v1/pairing-codes", {}, token=made["token"]))[0] == 403
