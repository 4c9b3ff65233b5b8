"""The product as a person has it: the daemon on a machine of the LAN, and the command line beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tests.real.lan import Host

PORT = "8400"
FOLLOW = Path(__file__).with_name("follow.py")


class House:
    """`claw up` on one host, and every verb that talks to it."""

    def __init__(self, host: Host, data: Path, env: Mapping[str, str] | None = None) -> None:
        self.host, self.data = host, data
        self.daemon = host.start(
            sys.executable,
            "-m",
            "claw",
            "up",
            "--data",
            str(data),
            "--port",
            PORT,
            env={"CLAW_MQTT": "", **(env or {})},
        )
        self.daemon.expect("Claw is up")
        self.news = host.start(sys.executable, str(FOLLOW), str(data / "daemon.json"))
        self.news.expect('"type": ?"hello"')

    def say(self, *words: str) -> tuple[int, str, str]:
        """`claw WORDS`: exit code, standard output, standard error."""
        done = self.host.run(sys.executable, "-m", "claw", *words, "--data", str(self.data))
        return done.returncode, done.stdout, done.stderr

    def json(self, *words: str) -> Any:
        """What a verb prints with `--json`."""
        code, out, err = self.say(*words, "--json")
        assert code == 0, err
        return json.loads(out)

    def discover(self, *, seconds: float = 1.0) -> list[dict[str, Any]]:
        """What is on the LAN."""
        found: list[dict[str, Any]] = self.json("discover", "--seconds", str(seconds))
        return found

    def device(self, found: Callable[[dict[str, Any]], bool], *, tries: int = 10) -> dict[str, Any]:
        """The device for which `found` holds; searches until it has announced itself."""
        seen: list[dict[str, Any]] = []
        for _ in range(tries):
            seen = self.discover()
            for device in seen:
                if found(device):
                    return device
        raise AssertionError(f"it was not found; there are {seen}")

    def adopt(self, target: str, *words: str) -> dict[str, Any]:
        """`claw adopt TARGET --yes`."""
        result: dict[str, Any] = self.json("adopt", target, "--yes", *words)
        return result

    def asked(self, target: str, *words: str) -> str:
        """What `claw adopt` still asks for, in one line, where it comes to nothing."""
        code, out, err = self.say("adopt", target, "--yes", "--json", *words)
        result = json.loads(out)
        assert (code, err, result["things"]) == (1, "", [])
        (line,) = result["asked"]
        assert "\n" not in line
        return str(line)

    def ask(self, text: str) -> dict[str, Any]:
        """`claw ask TEXT`."""
        code, out, err = self.say("ask", text, "--json")
        assert out, err
        reply: dict[str, Any] = json.loads(out)
        # 1, and one line, for an order that failed
        assert (code, err) == (0, "") or (code == 1 and err.startswith("claw ask: ") and err.count("\n") == 1)
        return reply

    def done(self, text: str) -> dict[str, Any]:
        """Ask for something that must be done and read back; its one effect."""
        reply = self.ask(text)
        assert len(reply["effects"]) == 1, reply
        assert reply["effects"][0]["verified"], reply
        effect: dict[str, Any] = reply["effects"][0]
        return effect

    def reading(self, thing: str, name: str, value: Any, *, since: int = 0, seconds: float = 20.0) -> dict[str, Any]:
        """Wait until the house says that a thing's property reads `value`."""

        def told(line: str) -> bool:
            said = json.loads(line)
            return (said["type"], said.get("thing"), said.get("property")) == ("reading", thing, name) and (
                said["value"] == value or (isinstance(value, float) and abs(said["value"] - value) < 0.01)
            )

        line: dict[str, Any] = json.loads(self.news.wait(told, since=since, seconds=seconds))
        return line
