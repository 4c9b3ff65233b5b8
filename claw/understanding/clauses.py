"""Pieces to clauses: who shares whose verb, value, noun and exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from claw.understanding.pieces import Group, Piece

_ALONE = frozenset({"play", "pause", "next", "previous", "mute", "unmute", "lock", "stop"})  # need no target


@dataclass(slots=True)
class Clause:
    """One order: the piece that says what, the groups that say whom, the groups left out."""

    piece: Piece
    groups: list[Group] = field(default_factory=list)
    without: list[Group] = field(default_factory=list)


def clauses(pieces: Sequence[Piece]) -> list[Clause]:
    """Group pieces. A piece with no verb joins the order before it; leading ones wait for the first order."""
    gathering = _Gathering()
    for piece in pieces:
        gathering.add(piece)
    return gathering.clauses()


class _Gathering:
    def __init__(self) -> None:
        self._found: list[Clause] = []
        self._waiting: list[Group] = []
        self._excluding = False

    def add(self, piece: Piece) -> None:
        """Take the next piece."""
        own = [] if piece.group.empty else [piece.group]
        if piece.excepting and self._found:
            self._except(piece)
        elif piece.order or (piece.value and not self._found):
            self._order(piece, own)
        elif piece.value:
            self._same_verb(piece, own)
        elif own and self._excluding:
            self._found[-1].without += own
        elif self._found and not self._waiting:
            self._found[-1].groups += own
        else:
            self._waiting += own

    def clauses(self) -> list[Clause]:
        """Everything taken, values and nouns shared."""
        if self._waiting and not self._found:
            self._found.append(Clause(Piece(), self._waiting))
        for at, clause in enumerate(self._found):
            if at + 1 < len(self._found):
                _share_value(clause, self._found[at + 1].piece)
            _share_nouns(clause.groups)
        return self._found

    def _except(self, piece: Piece) -> None:
        self._excluding = True
        last = self._found[-1]
        last.without.append(piece.group)
        if piece.order and not last.piece.order:  # "all lights except the kitchen off": the verb closes it
            last.piece.verb, last.piece.particle = piece.verb, piece.particle

    def _order(self, piece: Piece, own: list[Group]) -> None:
        self._excluding = False
        groups = [*self._waiting, *own]
        self._waiting = []
        if self._found and not groups and piece.action not in _ALONE:
            groups = list(self._found[-1].groups)  # "turn on the lamp and make it brighter"
        self._found.append(Clause(piece, groups))

    def _same_verb(self, piece: Piece, own: list[Group]) -> None:
        self._excluding = False
        last = self._found[-1]
        merged = replace(piece, verb=last.piece.verb, particle=last.piece.particle, rel=last.piece.rel)
        self._found.append(Clause(merged, own or list(last.groups)))


def _share_value(clause: Clause, following: Piece) -> None:
    """As in "set the lamp and set the ceiling light to red": the value may stand in the next piece of that verb."""
    piece = clause.piece
    bare = piece.verb == "set" and not (piece.particle or piece.value or piece.rel)
    if bare and following.verb == "set" and following.value:
        clause.piece = replace(following, group=piece.group)


def _share_nouns(groups: list[Group]) -> None:
    """As in "the kitchen and hall lights": a bare place takes the noun after it, or else the one before it."""
    for at in [*range(len(groups) - 2, -1, -1), *range(1, len(groups))]:
        group = groups[at]
        others = [g for g in (groups[at + 1 : at + 2] + groups[max(at - 1, 0) : at]) if g.noun and not g.things]
        if group.place_only and others:
            group.noun, group.word, group.plural = others[0].noun, others[0].word, True
