"""The captured devices, for every test that wants them all."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from claw.adapters.adapter import Adapter
from claw.adapters.library import library
from claw.errors import DeviceRefused
from claw.model.announcement import Announcement, Via
from claw.model.device import Device
from claw.model.form import Form
from claw.model.json import Json

FOLDER = Path(__file__).parent / "fixtures"
NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def adapter(name: str) -> Adapter:
    return library()[name.partition("@")[0].replace("_", "-")]


def announcements(capture: Mapping[str, Any]) -> tuple[Announcement, ...]:
    return tuple(
        Announcement(Via(each["via"]), each["kind"], each["name"], tuple(each["hosts"]), each["port"], each["fields"])
        for each in capture["announcements"]
    )


def device(*said: Announcement) -> Device:
    return Device("d", "d", frozenset(), ("192.0.2.10",), said)


class Answers:
    """Reads from a capture, and remembers what was asked."""

    def __init__(self, capture: Mapping[str, Any]) -> None:
        self.known = {(each["method"], each["href"]): each["answer"] for each in capture["exchanges"]}
        self.asked: list[str] = []

    async def __call__(self, form: Form) -> Json:
        self.asked.append(form.href)
        if (form.method, form.href) not in self.known:
            raise DeviceRefused("The device answered 404.")
        answer: Json = self.known[form.method, form.href]
        return answer
