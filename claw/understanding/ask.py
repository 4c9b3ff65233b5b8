"""What the understanding asks back, in few words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claw.model.intent import Command
from claw.understanding.words import english

SHOWN = 4  # names in one question


@dataclass(frozen=True, slots=True)
class Ask:
    """A question instead of an order. `commands`: what a plain yes would mean."""

    reason: str
    question: str
    commands: tuple[Command, ...] = ()


def listed(names: Sequence[str], joint: str = "or") -> str:
    """As in "a, b or c"."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no joint
        return "".join(names)
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"


def which(noun: str, names: Sequence[str]) -> Ask:
    """Several things could be meant."""
    unique = list(dict.fromkeys(names))
    if len(unique) == 1:
        hint = "Give them rooms or names of their own, and I can tell them apart."
        return Ask("ambiguous_device", f"I know {len(names)} things called {unique[0]}. {hint}")
    if len(unique) > SHOWN:
        return Ask("ambiguous_device", f"Which {noun}? Say its name or its room, or say all.")
    return Ask("ambiguous_device", f"Which {noun}: {listed(unique)}?")


def unknown(phrase: str, near: str = "", reason: str = "unknown_device", commands: tuple[Command, ...] = ()) -> Ask:
    """Nothing in the house is called that."""
    said = tuple(phrase.split())
    many = any(said[at:] in english().plurals for at in range(len(said)))
    article = "any" if many else "an" if phrase[:1] in "aeiou" else "a"
    hint = f" Did you mean '{near}'?" if near else ""
    return Ask(reason, f"I don't know {article} '{phrase}'.{hint}", commands)
