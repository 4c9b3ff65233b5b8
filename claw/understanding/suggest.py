"""Words that nothing explains: say so, with the nearest name. Nothing is repaired without a yes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from claw.model.intent import Command, Intent, Outcome
from claw.understanding.ask import unknown
from claw.understanding.index import Index
from claw.understanding.scan import Span, scan

NEAR = 76.0  # percent alike; below, a hint would be a guess
MANY = 4  # unknown words; above, it was not about the house
_WEAK = frozenset({"set", "turn", "start", "play", "next", "previous", "stop", "cut", "open", "close"})

Again = Callable[[list[Span]], Intent]


def unexplained(
    spans: Sequence[Span], ranges: Sequence[tuple[int, int]], index: Index, again: Again | None, *, home: bool
) -> Intent:
    """A question about the first unexplained words; its commands are what a yes would do."""
    start, end = ranges[0]
    verbs = {span.kinds["verb"] for span in spans if "verb" in span.kinds}
    strange = sum(high - low for low, high in ranges)
    if strange > MANY or (not home and not verbs - _WEAK and strange > 1):
        return Intent(Outcome.NONE)
    low, high = _widened(spans, start, end)
    phrase = " ".join(span.text for span in spans[low:high])
    near = _nearest(phrase, spans[low:high], index)
    reason = (
        "unknown_area" if high < len(spans) and "noun" in spans[high - 1].kinds and low < start else "unknown_device"
    )
    if not near:
        if high - low == end - start and any(span.names for span in spans):
            return Intent(
                Outcome.CLARIFY, (), f"I did not understand '{phrase}' in that. Say it another way?", "vague"
            )
        return Intent(Outcome.CLARIFY, (), unknown(phrase).question, reason)
    commands: tuple[Command, ...] = ()
    if again is not None and len(ranges) == 1:
        meant = again([*spans[:low], *scan(near.split(), index), *spans[high:]])
        commands = meant.commands if meant.outcome is Outcome.ACT else ()
    return Intent(Outcome.CLARIFY, commands, unknown(phrase, near).question, reason)


def _widened(spans: Sequence[Span], start: int, end: int) -> tuple[int, int]:
    """The unknown words with the nouns and names that touch them."""
    while start > 0 and _part(spans[start - 1]):
        start -= 1
    while end < len(spans) and _part(spans[end]):
        end += 1
    return start, end


def _part(span: Span) -> bool:
    return not span.known or ((span.names or "noun" in span.kinds) and "verb" not in span.kinds)


def _nearest(phrase: str, spans: Sequence[Span], index: Index) -> str:
    """The name most like `phrase`: of a thing, a room, or a kind of thing in a room."""
    from rapidfuzz import fuzz, process  # noqa: PLC0415 - 20 ms that a start should not pay

    names = {" ".join(name) for name in index.names if not name[0].startswith('"')}
    for span in spans:
        if "noun" in span.kinds and not span.names:
            domain = span.kinds["noun"].split("/", 1)[0]
            rooms = {t.area for t in index.house.things if index.domain(t.id) == domain}
            names |= {f"{index.area_names[room].lower()} {span.text}" for room in rooms if room in index.area_names}
    best = process.extractOne(phrase, names, scorer=fuzz.ratio, score_cutoff=NEAR)
    return best[0] if best else ""
