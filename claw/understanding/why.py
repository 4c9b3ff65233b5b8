"""As in "Why is the hall light on?": which things the question is about."""

from __future__ import annotations

from collections.abc import Sequence

from claw.model.intent import Command, Intent, Outcome
from claw.understanding.ask import Ask
from claw.understanding.index import Index
from claw.understanding.orders import clarify
from claw.understanding.pieces import Group
from claw.understanding.scan import Span
from claw.understanding.targets import resolve


def why(said: Sequence[Span], index: Index, referents: tuple[str, ...]) -> Intent | None:
    """A question about a cause. It changes nothing, so words it does not know are let pass."""
    if not said or said[0].words[0] != "why":
        return None
    group = Group()
    for span in said[1:]:
        if span.named.things:
            group.things += span.named.things
        elif span.names:
            group.areas += span.named.areas
            group.floors += span.named.floors
        elif "noun" in span.kinds and not group.noun:
            group.noun, group.word = span.kinds["noun"].split("/", 1)
            group.plural = True
    ids = group.things
    if not ids and group.noun:
        found = resolve(group, index, (), lambda _: True, referents)
        if isinstance(found, Ask):
            return clarify(found)
        ids = found.ids
    if not ids and any("it" in span.kinds for span in said):
        ids = referents
    if not ids and len(said) > 1 and not any(span.kinds.keys() & {"it", "filler"} for span in said[1:]):
        return Intent(Outcome.NONE)
    return Intent(Outcome.QUERY, (Command("why", targets=tuple(dict.fromkeys(ids)), query="why"),))
