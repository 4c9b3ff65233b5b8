"""What a search of the network found, said in a few lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claw.brains.asking import sentence
from claw.brains.soul import Phrases
from claw.brains.wording import listed
from claw.model.json import Json

LINES = 8


def findings(name: str, data: Json, phrases: Phrases) -> str:
    """What was found, where it is, what it has proved, and what using it would take."""
    result: Any = data
    found = result["found"]
    if not found:
        if name:
            return phrases.say("found_no_such", name=name, others=result["others"])
        return phrases.say("found_none")
    if len(found) == 1:
        return _line("found_one", found[0], phrases)
    lines = [phrases.say("found_many", count=len(found))]
    lines += [_line("found_line", one, phrases) for one in found[:LINES]]
    if len(found) > LINES:
        lines.append(phrases.say("found_more", count=len(found) - LINES))
    return "\n".join(lines)


def _line(template: str, one: Mapping[str, Any], phrases: Phrases) -> str:
    areas = {thing["area"] for thing in one["things"] if thing["area"]}
    where = phrases.say("where_area", area=areas.pop()) if len(areas) == 1 else ""
    if one["host"]:
        where += phrases.say("where_address", host=one["host"])
    return phrases.say(template, title=one["title"], where=where, proof=_proof(one, phrases))


def _proof(one: Mapping[str, Any], phrases: Phrases) -> str:
    things, needs = one["things"], one["needs"].rstrip(".")
    if not things:
        return phrases.say("proof_none", needs=phrases.say("needs_short", needs=needs) if needs else "")
    levels: dict[int, list[str]] = {}
    for thing in things:
        levels.setdefault(thing["level"], []).append(thing["title"])
    said = [
        phrases.say("proof_level", things=_names(titles), level=phrases.levels[str(level)], needs="")
        if titles != [one["title"]]
        else sentence(phrases.levels[str(level)]) + "."
        for level, titles in sorted(levels.items(), reverse=True)
    ]
    return " ".join(said) + (phrases.say("needs", needs=needs) if needs else "")


def _names(titles: list[str]) -> str:
    few = 4
    return listed(titles) if len(titles) <= few else f"{len(titles)} things"
