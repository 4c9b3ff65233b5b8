"""Text to intent: pure, offline, and silent rather than wrong."""

from __future__ import annotations

from claw.model.house import House
from claw.model.intent import Command, Intent, Outcome
from claw.understanding.blocked import blocked
from claw.understanding.finding import finding
from claw.understanding.index import index, quotation
from claw.understanding.orders import order
from claw.understanding.questions import is_question, question
from claw.understanding.scan import scan
from claw.understanding.text import plain, unquoted, words
from claw.understanding.why import why

__all__ = ["understand"]


def understand(text: str, house: House, *, referents: tuple[str, ...] = ()) -> Intent:
    """What `text` means in `house`. `referents`: what "it" stands for, from the conversation so far.

    Acts only on a text of which every word is explained; anything else becomes CLARIFY or NONE.
    """
    names = index(house)
    lexicon = names.lexicon

    def name(said: str) -> str | None:
        token = quotation(words(said, lexicon))
        return token if (token,) in names.names else None

    tokens, quoted = unquoted(text, name, lexicon)
    spans = [span for span in scan(tokens, names) if "hello" not in span.kinds.values()]
    said = [span for span in spans if span.kinds.keys() - {"filler", "and"} or not span.kinds]
    if not said:
        return Intent(Outcome.NONE)
    if len(said) == 1 and "undo" in said[0].kinds:
        return Intent(Outcome.UNDO, (Command("undo"),))
    if asked := why(said, names, referents) or finding(said):
        return asked
    asking = is_question(spans)
    time = lexicon.time.search(plain(text)) is not None
    if stop := blocked(spans, quotation=quoted, time=time, asking=asking):
        return stop
    return question(spans, names, referents) if asking else order(spans, names, referents)
