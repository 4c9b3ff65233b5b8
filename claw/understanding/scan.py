"""Words to spans: the longest phrase that the house or the lexicon knows, left to right."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from claw.understanding.index import Index, Named

_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?$")
_NOTHING = Named()


@dataclass(frozen=True, slots=True)
class Span:
    """One recognised stretch of words. `kinds` maps lexicon kinds to values; empty for an unknown word."""

    words: tuple[str, ...]
    kinds: Mapping[str, str] = field(default_factory=dict)
    named: Named = _NOTHING
    number: float | None = None
    plural: bool = False

    @property
    def text(self) -> str:
        """As it was said."""
        return " ".join(self.words)

    @property
    def names(self) -> bool:
        """Whether it names something of the house."""
        return bool(self.named.things or self.named.areas or self.named.floors or self.named.partial)

    @property
    def known(self) -> bool:
        """Whether anything at all is known about it."""
        return bool(self.kinds) or self.names or self.number is not None

    def describes(self, following: Span | None) -> bool:
        """Whether it only begins names, and says with the noun after it which things are meant."""
        noun = following is not None and "noun" in following.kinds and not following.names
        return noun and bool(self.named.begins) and not self.names and not self.kinds


def scan(tokens: Sequence[str], index: Index) -> list[Span]:
    """Cover `tokens` with spans. At equal length a name and a word of the lexicon share one span."""
    spans: list[Span] = []
    at = 0
    while at < len(tokens):
        for size in range(min(index.longest, len(tokens) - at), 0, -1):
            phrase = tuple(tokens[at : at + size])
            named, kinds = index.names.get(phrase), index.lexicon.phrases.get(phrase)
            if named is not None or kinds is not None:
                spans.append(Span(phrase, kinds or {}, named or _NOTHING, None, phrase in index.lexicon.plurals))
                break
        else:
            phrase = (tokens[at],)
            number = float(tokens[at]) if _NUMBER.match(tokens[at]) else None
            spans.append(Span(phrase, number=number))
        at += len(phrase)
    return spans
