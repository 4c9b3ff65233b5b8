"""What keeps a sentence from being an order for now: negation, time, condition, past, advice, quotation."""

from __future__ import annotations

from collections.abc import Sequence

from claw.model.intent import Intent, Outcome
from claw.understanding.scan import Span

_QUESTIONS = {
    "time": "I can't do things later yet, only right away. I did nothing.",
    "condition": "I can't wait for something to happen yet. Tell me when it has, and I will do it.",
    "past": "Do you want me to do that, or to tell you how it is?",
    "how": "Just tell me what you want, and I will do it.",
    "should": "That is yours to decide. Tell me, and I will do it.",
    "quotation": "Those are someone else's words. What do you want me to do?",
}
_ORDER = ("quotation", "negation", "condition", "how", "should", "time", "past")


def blocked(spans: Sequence[Span], *, quotation: bool, time: bool, asking: bool) -> Intent | None:
    """NONE or a short question when the text must not be acted on; None when it may go on."""
    reasons = {span.kinds["block"] for span in spans if "block" in span.kinds and not span.names}
    if quotation:
        reasons.add("quotation")
    if time:
        reasons.add("time")
    if asking:
        reasons -= {"time"} if not time else set()
    home = any(span.names or span.kinds.keys() & {"noun", "verb", "attr", "particle"} for span in spans)
    for reason in _ORDER:
        if reason in reasons:
            if reason == "negation" or not home:
                return Intent(Outcome.NONE, reason=reason)
            return Intent(Outcome.CLARIFY, (), _QUESTIONS[reason], reason)
    return None
