"""The contract of `claw understand --house house.json < in.jsonl > out.jsonl`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from claw.errors import InvalidValue
from claw.model.house import Floor, House, HouseThing
from claw.model.intent import Command, Intent, Outcome
from claw.model.json import JsonObject
from claw.model.thing import Area
from claw.understanding import understand

_PROPERTIES = {
    "color_temp": ("color_temperature",),
    "open_close": ("open",),
    "hvac_mode": ("mode",),
    "lock": ("locked",),
    "open_sensor": ("contact_open",),
    "oscillation": ("oscillate",),
}
_ACTIONS = {
    "play_pause": ("play", "pause", "stop"),
    "next_previous": ("next", "previous"),
    "open_close": ("open", "close"),
    "play_media": ("play",),
    **{name: (name,) for name in ("start", "dock", "stop", "pause", "activate", "arm", "disarm")},
}


def load_house(document: object) -> House:
    """A house from its JSON description (areas, floors, devices). Raises InvalidValue."""
    if not isinstance(document, Mapping):
        raise InvalidValue("The house must be a JSON object with areas, floors and devices.")
    try:
        return House(
            things=tuple(_thing(item) for item in document.get("devices", ())),
            areas=tuple(
                Area(a["id"], a["name"], tuple(a.get("aliases", ())), a.get("floor") or "")
                for a in document.get("areas", ())
            ),
            floors=tuple(Floor(f["id"], tuple(f.get("aliases", ()))) for f in document.get("floors", ())),
            people=tuple(document.get("people", ())),
            temperature_unit=str(document.get("temperature_unit", "C")),
        )
    except (KeyError, TypeError, AttributeError) as wrong:
        raise InvalidValue(f"The house file is not as expected: {wrong!r} is missing or wrong.") from wrong


def _thing(item: Mapping[str, Any]) -> HouseThing:
    capabilities = list(item.get("capabilities", ()))
    properties = {p for c in capabilities for p in _PROPERTIES.get(c, (c,))}
    domain = str(item["domain"])
    if item.get("cover_class") in {"garage", "gate"}:
        domain = "garage_door"
    if domain == "climate" and "temperature" in properties:
        properties.add("target_temperature")
    return HouseThing(
        id=item["id"],
        name=item["name"],
        domain=domain,
        area=item.get("area") or "",
        properties=frozenset(properties),
        actions=frozenset(a for c in capabilities for a in _ACTIONS.get(c, ())),
        aliases=tuple(item.get("aliases", ())),
    )


def answer(line: str, house: House) -> JsonObject:
    """The answer to one input line. Never raises: a bad line gives an `error` field."""
    ident: Any = None
    try:
        item = json.loads(line)
        if not isinstance(item, dict):
            return {"id": None, "error": "The line is not a JSON object."}
        ident = item.get("id")
        started = time.perf_counter()
        if "turns" in item:
            turns = _turns([str(turn["text"]) for turn in item["turns"]], house)
            return {"id": ident, "turns": turns}
        if not isinstance(item.get("text"), str):
            return {"id": ident, "error": "The line has neither text nor turns."}
        intent = understand(item["text"], house)
        return {"id": ident, **shown(intent), "latency_ms": _since(started)}
    except (ValueError, KeyError, TypeError, RecursionError) as wrong:
        return {"id": ident, "error": f"The line cannot be read: {type(wrong).__name__}: {wrong}"}


def answers(lines: Iterable[str], house: House) -> Iterator[JsonObject]:
    """One answer per line that is not blank."""
    return (answer(line, house) for line in lines if line.strip())


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 4)


def _turns(texts: Iterable[str], house: House) -> list[JsonObject]:
    shown_turns: list[JsonObject] = []
    referents: tuple[str, ...] = ()
    offered: tuple[Command, ...] = ()
    for text in texts:
        intent = understand(text, house, referents=referents)
        if offered and text.strip(" .!").lower() in {"yes", "yes please", "yeah", "yep", "sure", "ok"}:
            intent = Intent(Outcome.ACT, offered)
        offered = intent.commands if intent.outcome is Outcome.CLARIFY else ()
        referents = tuple(t for c in intent.commands for t in c.targets) or referents
        shown_turns.append(shown(intent))
    return shown_turns


def shown(intent: Intent) -> JsonObject:
    """An intent as the output schema has it; a question carries no commands."""
    commands = () if intent.outcome is Outcome.CLARIFY else intent.commands
    out: dict[str, Any] = {"outcome": intent.outcome.value, "commands": [_command(c) for c in commands]}
    if intent.question:
        out |= {"question": intent.question, "reason": intent.reason}
    return out


def _command(command: Command) -> JsonObject:
    out: dict[str, Any] = {"action": command.action, "scope": command.scope, "targets": list(command.targets)}
    for name in ("domain", "value", "unit", "amount", "query", "text"):
        if (value := getattr(command, name)) not in (None, ""):
            out[name] = value
    if command.areas:
        out["areas"] = list(command.areas)
    if command.time:
        out["time"] = dict(command.time)
    return out
