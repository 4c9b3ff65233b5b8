"""Pieces to clauses: who shares whose verb, noun and exclusions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from claw.understanding.pieces import Group, Piece


@dataclass(slots=True)
class Clause:
    """One order: the piece that says what, the groups that say whom, the groups left out."""

    piece: Piece
    groups: list[Group] = field(default_factory=list)
    without: list[Group] = field(default_factory=list)


def clauses(pieces: Sequence[Piece]) -> list[Clause]:
    """Group pieces. A piece with no verb joins the order before it; leading ones wait for the first order."""
    found: list[Clause] = []
    waiting: list[Group] = []
    excluding = False
    for piece in pieces:
        if piece.excepting and found:
            excluding = True
            found[-1].without.append(piece.group)
            if piece.order:  # "all lights except the kitchen off": the verb closes what is before
                _complete(found[-1], piece)
        elif piece.order or (piece.value and not found):
            excluding = False
            groups = [*waiting, *(() if piece.group.empty else (piece.group,))]
            waiting = []
            if found and not groups and not _alone(piece):
                groups = list(found[-1].groups)  # "turn on the lamp and make brighter"
            found.append(Clause(piece, groups))
        elif piece.value:
            excluding = False
            previous = found[-1]
            merged = replace(
                piece, verb=previous.piece.verb, particle=previous.piece.particle, rel=previous.piece.rel
            )
            if piece.to and previous.piece.to and not previous.piece.value:
                merged.to = True
            found.append(Clause(merged, [piece.group] if not piece.group.empty else list(previous.groups)))
        elif piece.group.empty:
            continue
        elif excluding:
            found[-1].without.append(piece.group)
        elif found and not waiting:
            found[-1].groups.append(piece.group)
        else:
            waiting.append(piece.group)
    if waiting and not found:
        found.append(Clause(Piece(), waiting))
    for clause in found:
        _share_value(clause, found)
        _share_nouns(clause.groups)
    return found


def _complete(clause: Clause, piece: Piece) -> None:
    if not clause.piece.order:
        clause.piece.verb, clause.piece.particle = piece.verb, piece.particle


def _alone(piece: Piece) -> bool:
    return piece.action in {"play", "pause", "next", "previous", "mute", "unmute", "lock", "stop"}


def _share_value(clause: Clause, found: Sequence[Clause]) -> None:
    """As in "set the lamp and the ceiling light to red": the value may stand in a later piece of the same verb."""
    if clause.piece.verb != "set" or clause.piece.particle or clause.piece.value or clause.piece.rel:
        return
    at = next(i for i, one in enumerate(found) if one is clause)
    if at + 1 < len(found) and found[at + 1].piece.verb == "set" and found[at + 1].piece.value:
        clause.piece = replace(found[at + 1].piece, group=clause.piece.group)


def _share_nouns(groups: list[Group]) -> None:
    """As in "the kitchen and hall lights": a bare place takes the noun after it, or else the one before it."""
    for at in [*range(len(groups) - 2, -1, -1), *range(1, len(groups))]:
        group = groups[at]
        others = [g for g in (groups[at + 1 : at + 2] + groups[max(at - 1, 0) : at]) if g.noun and not g.things]
        if group.place_only and others:
            group.noun, group.word, group.plural = others[0].noun, others[0].word, True
