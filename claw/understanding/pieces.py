"""Spans to pieces: one piece per stretch between "and", commas and "except", its slots filled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from claw.understanding.scan import Span

_BARE = frozenset({"", "turn", "set"})  # verbs that wait for a particle or a value


@dataclass(slots=True)
class Group:
    """What a piece points at, before the house is asked."""

    things: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    floors: tuple[str, ...] = ()
    begins: tuple[str, ...] = ()
    noun: str = ""
    word: str = ""
    plural: bool = False
    all: str = ""
    it: bool = False
    texts: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it points at nothing."""
        return not (self.things or self.partial or self.areas or self.floors or self.noun or self.all or self.it)

    @property
    def place_only(self) -> bool:
        """A place without a word for what is in it."""
        return bool(self.areas or self.floors) and not (self.things or self.partial or self.noun)

    @property
    def text(self) -> str:
        """As it was said."""
        return " ".join(self.texts)


@dataclass(slots=True)
class Piece:
    """The slots of one stretch of an order."""

    group: Group = field(default_factory=Group)
    verb: str = ""
    particle: str = ""
    rel: str = ""
    attr: str = ""
    number: float | None = None
    unit: str = ""
    to: bool = False
    by: bool = False
    level: str = ""
    color: str = ""
    kelvin: str = ""
    mode: str = ""
    excepting: bool = False
    unknown: tuple[tuple[int, int], ...] = ()

    @property
    def action(self) -> str:
        """The verb, completed by its particle."""
        return self.particle if self.verb in _BARE and self.particle else self.verb

    @property
    def value(self) -> bool:
        """Whether it says a value."""
        return self.number is not None or bool(self.level or self.color or self.kelvin or self.mode)

    @property
    def order(self) -> bool:
        """Whether it can stand alone as an order."""
        return bool(self.verb or self.particle or self.rel)


def split(spans: Sequence[Span]) -> list[Piece]:
    """All pieces of a text; `unknown` holds index ranges into `spans` that nothing explains."""
    pieces: list[Piece] = []
    start, excepting = 0, False
    for i, span in enumerate([*spans, Span(("and",), {"and": "and"})]):
        separator = next((kind for kind in ("except", "and") if kind in span.kinds and not span.names), "")
        if not separator:
            continue
        if i > start:
            pieces.append(_Filler(spans, (start, i), excepting=excepting).piece)
            excepting = False
        excepting = separator == "except" or (excepting and i == start)
        start = i + 1
    return pieces


class _Filler:
    """Fills one piece from the spans of its stretch, each used at most once."""

    def __init__(self, spans: Sequence[Span], bounds: tuple[int, int], *, excepting: bool) -> None:
        self.spans = spans
        start, self.end = bounds
        self.piece = Piece(excepting=excepting)
        # in this order a span that could be several things is taken
        self._kinds: dict[str, Callable[[str], bool]] = {
            "verb": self._verb,
            "particle": self._particle,
            "prep": self._prep,
            "unit": self._unit,
            "level": lambda value: self._once("level", value),
            "color": lambda value: self._once("color", value),
            "kelvin": self._kelvin,
            "mode": self._mode,
            "rel": lambda value: self._once("rel", value),
            "attr": lambda value: self._once("attr", value),
            "attr_heat": self._attr_heat,
            "noun": self._noun,
            "all": self._all,
            "it": self._it,
            "filler": lambda _: True,
        }
        self.at = start
        while self.at < self.end:
            if not self._take():
                self._unknown()
            self.at += 1

    @property
    def span(self) -> Span:
        """The span at hand."""
        return self.spans[self.at]

    @property
    def following(self) -> Span | None:
        """The span after it, in this stretch."""
        return self.spans[self.at + 1] if self.at + 1 < self.end else None

    def _take(self) -> bool:
        span = self.span
        if span.number is not None:
            if self.piece.number is not None:
                return False
            self.piece.number = span.number
            return True
        if span.describes(self.following):
            self.piece.group.begins += span.named.begins
            self.piece.group.texts += span.words
            return True
        if span.names and not self._mode_instead():
            self._target()
            return True
        return any(take(span.kinds[kind]) for kind, take in self._kinds.items() if kind in span.kinds)

    def _unknown(self) -> None:
        ranges, at = self.piece.unknown, self.at
        if ranges and ranges[-1][1] == at:
            self.piece.unknown = (*ranges[:-1], (ranges[-1][0], at + 1))
        else:
            self.piece.unknown = (*ranges, (at, at + 1))

    def _once(self, slot: str, value: str) -> bool:
        if getattr(self.piece, slot):
            return False
        setattr(self.piece, slot, value)
        return True

    def _mode_instead(self) -> bool:
        """As in "set the thermostat to heat": a value, though "heat" is also a name."""
        before = self.spans[self.at - 1].kinds.get("prep") if self.at else ""
        return "mode" in self.span.kinds and before == "to" and not self.piece.group.empty

    def _target(self) -> None:
        group, span, named, following = self.piece.group, self.span, self.span.named, self.following
        place = named.areas or named.floors
        group.texts += span.words
        if "noun" in span.kinds and not group.noun and not place:
            group.noun, group.word = span.kinds["noun"].split("/", 1)
            group.plural = span.plural
        noun_follows = following is not None and "noun" in following.kinds and not following.names
        heat_follows = (
            following is not None and "attr_heat" in following.kinds and "pool" in span.kinds.get("noun", "")
        )
        if place and ((noun_follows and not heat_follows) or not named.things):
            group.areas += named.areas
            group.floors += () if named.areas else named.floors
        elif named.things:
            group.things += named.things if len(named.things) == 1 else ()
            group.partial += named.things if len(named.things) > 1 else ()
        else:
            group.partial += named.partial

    def _verb(self, value: str) -> bool:
        if self.piece.verb or (self.piece.particle and value not in _BARE):
            return False
        return self._once("verb", value)

    def _particle(self, value: str) -> bool:
        piece, following = self.piece, self.following
        place = following is not None and ("filler" in following.kinds or _is_place(following))
        if value == "turn_on" and place and (piece.action not in _BARE or self._later_particle()):
            return True  # "the lights on the porch": a preposition
        if piece.verb in {"up", "down", "dim", "brighten"} and value == piece.verb:
            return True
        if piece.action not in _BARE and piece.verb not in _BARE:
            return value in {"up", "down"} and piece.verb in {"open", "close", "dim", "brighten"}
        return self._once("particle", value)

    def _later_particle(self) -> bool:
        return any("particle" in span.kinds for span in self.spans[self.at + 1 : self.end])

    def _noun(self, value: str) -> bool:
        group, plural = self.piece.group, self.span.plural
        domain, word = value.split("/", 1)
        group.texts += self.span.words
        if group.noun:
            return group.noun == domain and not plural
        group.noun, group.word = domain, word
        if group.things or group.partial:  # "desk lamp light": said twice
            return not plural
        group.plural = plural
        return True

    def _all(self, value: str) -> bool:
        if self.piece.group.all in {"", "all", value}:
            self.piece.group.all = value
            return True
        return value in {"all", "house"}

    def _it(self, _: str) -> bool:
        if not self.piece.group.empty:
            return False
        self.piece.group.it = True
        return True

    def _prep(self, value: str) -> bool:
        if value in {"to", "by"}:
            setattr(self.piece, value, True)
        return True

    def _unit(self, value: str) -> bool:
        return self.piece.number is not None and self._once("unit", value)

    def _attr_heat(self, value: str) -> bool:
        pool = self.piece.group.noun == "pool" or bool(self.piece.group.things)
        return pool and not self.piece.to and self._once("attr", value)

    def _kelvin(self, value: str) -> bool:
        if "mode" in self.span.kinds:
            self.piece.mode = self.span.kinds["mode"]  # "cool" is both until the domain is known
        return self._once("kelvin", value)

    def _mode(self, value: str) -> bool:
        onto = self.piece.particle == "turn_on" and "noun" not in self.span.kinds
        if not (self.piece.to or onto or self.span.text.endswith("mode")):
            return False
        return self._once("mode", value)


def _is_place(span: Span) -> bool:
    return bool(span.named.areas or span.named.floors) or "all" in span.kinds
