"""Why something happened, from the journal's data."""

from __future__ import annotations

from typing import Any

from claw.brains.wording import Wording, ago, listed
from claw.model.intent import Command
from claw.model.json import Json

_CAUSES = {"text": "cause_text", "rule": "cause_rule", "undo": "cause_undo", "api": "cause_api"}


def reasons(command: Command, data: Json, wording: Wording, now: float) -> str:
    """The last change of each thing asked about, or that there was none of ours."""
    changes: Any = data
    say = wording.phrases.say
    lines = [
        say(
            "why" if change["verified"] else "why_unproved",
            what=wording.title(change["thing"]),
            state=wording.state(change["property"], change["new"]),
            ago=ago(now - change["at"]),
            cause=_cause(change["origin"], change["said"], wording),
        )
        for change in changes
    ]
    untouched = [t for t in command.targets if t not in {change["thing"] for change in changes}]
    if untouched:
        lines.append(say("why_unknown", what=listed(list(dict.fromkeys(wording.the(t) for t in untouched)))))
    return " ".join(lines) or say("why_nothing")


def _cause(origin: str, said: str, wording: Wording) -> str:
    kind, _, who = origin.partition(":")
    name = "cause_said" if said and kind == "text" else _CAUSES.get(kind, "cause_other")
    return wording.phrases.say(name, who=who or origin, said=said)
