"""Questions before an order runs: what it would do, in so many words."""

from __future__ import annotations

from collections.abc import Sequence

from claw.brains.plan import Step
from claw.brains.wording import Wording, listed

_VERBS = {
    ("locked", "False"): "unlock",
    ("locked", "True"): "lock",
    ("open", "True"): "open",
    ("open", "False"): "close",
    ("on_off", "True"): "turn on",
    ("on_off", "False"): "turn off",
    ("mute", "True"): "mute",
    ("mute", "False"): "unmute",
}


def action(steps: Sequence[Step], wording: Wording) -> str:
    """As in "unlock the front door and open the garage door"."""
    return listed([_one(step, wording) for step in steps])


def sentence(text: str) -> str:
    """With a capital first letter."""
    return text[:1].upper() + text[1:]


def _one(step: Step, wording: Wording) -> str:
    what = listed([wording.the(thing) for thing in step.things])
    if step.tool == "invoke_action":
        return f"{step.name.replace('_', ' ')} {what}"
    if step.extra.get("toggle"):
        return f"toggle {what}"
    if verb := _VERBS.get((step.name, str(step.value))):
        return f"{verb} {what}"
    name = step.name.replace("_", " ")
    if step.extra.get("relative"):
        way = "lower" if str(step.value).startswith("-") else "raise"
        return f"{way} the {name} of {what} by {wording.step(step.name, step.value)}"
    state = wording.state(step.name, step.value)
    for lead in ("set to ", "on ", "at "):
        state = state.removeprefix(lead)
    return f"set the {name} of {what} to {state}"
