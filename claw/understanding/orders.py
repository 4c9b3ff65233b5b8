"""Spans to an order: coverage first, then targets and values, then commands."""

from __future__ import annotations

from collections.abc import Sequence

from claw.model.house import HouseThing
from claw.model.intent import Command, Intent, Outcome
from claw.understanding.abilities import able, lacks
from claw.understanding.ask import Ask
from claw.understanding.clauses import Clause, clauses
from claw.understanding.index import Index
from claw.understanding.meaning import Meaning, attribute, hints, meaning
from claw.understanding.pieces import Group, split
from claw.understanding.scan import Span
from claw.understanding.suggest import Again, unexplained
from claw.understanding.targets import EVERYTHING, Fits, Targets, resolve

_OUTSIDE = frozenset({"garage_door"})  # the schema files garage doors under covers
_PLAINER = {
    "start": "turn_on",
    "activate": "turn_on",
    "stop": "turn_off",
}  # what they mean for a thing that only switches
_PLACE_WIDE = frozenset({"turn_on", "turn_off", "toggle"})


def clarify(ask: Ask) -> Intent:
    """A question as an intent."""
    return Intent(Outcome.CLARIFY, ask.commands, ask.question, ask.reason)


def order(spans: Sequence[Span], index: Index, referents: tuple[str, ...], *, guess: bool = True) -> Intent:
    """The meaning of a text that is neither a question nor blocked. Never acts on a text that it cannot explain."""
    pieces = split(spans)
    home = any(span.names or "noun" in span.kinds for span in spans)
    spoken = [piece for piece in pieces if piece.order or piece.value or piece.attr]
    unknown = [bounds for piece in pieces for bounds in piece.unknown]
    if not spoken and not home:
        return Intent(Outcome.NONE)
    if unknown:
        return unexplained(spans, unknown, index, _again(index, referents) if guess else None, home=home)
    commands: list[Command] = []
    for clause in clauses(pieces):
        made = _commands(clause, index, referents or tuple(t for c in commands for t in c.targets))
        if isinstance(made, Ask):
            return clarify(made)
        commands.extend(made)
        referents = made[-1].targets
    return Intent(Outcome.ACT, tuple(commands)) if commands else Intent(Outcome.NONE)


def _again(index: Index, referents: tuple[str, ...]) -> Again:
    return lambda spans: order(spans, index, referents, guess=False)


def _commands(clause: Clause, index: Index, referents: tuple[str, ...]) -> list[Command] | Ask:
    piece = clause.piece
    groups = clause.groups or [Group()]
    if not (piece.order or piece.value):
        if piece.attr and not groups[0].empty:
            return Ask("missing_value", f"What should the {piece.attr.replace('_', ' ')} be?")
        return Ask("missing_value", f"What should I do with the {groups[0].text or 'house'}?")
    wanted = hints(piece, celsius=index.house.temperature_unit == "C")
    found: list[Targets] = []
    for group in groups:
        one = _targets(clause, group, index, wanted, referents)
        if isinstance(one, Ask):
            return one
        found.append(one)
    left_out = _left_out(clause, index, {t for one in found for t in one.ids})
    if isinstance(left_out, Ask):
        return left_out
    ids = tuple(dict.fromkeys(t for one in found for t in one.ids if t not in left_out))
    if not ids:
        return Ask("unknown_device", "That leaves nothing to do.")
    return _by_domain(clause, ids, found, index)


def _targets(
    clause: Clause, group: Group, index: Index, wanted: Sequence[str], referents: tuple[str, ...]
) -> Targets | Ask:
    piece = clause.piece

    def fits(thing: HouseThing) -> bool:
        made = meaning(piece, index.domain(thing.id))
        return isinstance(made, Meaning) and able(thing, made.action)

    placed = group.place_only and group.all != "everything"
    bare = placed or (group.all in {"all", "house"} and not group.noun)
    if bare and not wanted and not (group.things or group.partial or group.it):
        return _place(clause, group, index, fits)
    if group.all == "everything" and piece.action != "turn_off":
        return Ask("vague", "Everything is a lot. Which kind, or which room?")
    if group.empty and not wanted:
        verb = piece.action.replace("_", " ") or "change"
        return Ask("missing_value", f"What should I {verb}?")
    if piece.action in {"open", "close"} and group.place_only:
        group = _garage(group, index)
    return resolve(group, index, wanted, fits, referents)


def _garage(group: Group, index: Index) -> Group:
    """As in "open the garage" means its door, not its blinds."""
    doors = [t for t in index.house.things if t.area in group.areas and index.domain(t.id) == "garage_door"]
    if doors and any("garage" in index.area_names.get(area, "").lower() for area in group.areas):
        return Group(areas=group.areas, noun="garage_door", word="garage", texts=group.texts)
    return group


def _place(clause: Clause, group: Group, index: Index, fits: Fits) -> Targets | Ask:
    """As in "turn off the kitchen": plain when only one kind of thing is there, a question otherwise."""
    action = clause.piece.action
    if action not in _PLACE_WIDE:
        return Ask("vague", f"What in the {group.text}: the light, the heat, the music?")
    kinds = {}
    for domain in EVERYTHING:
        one = resolve(Group(areas=group.areas, floors=group.floors, all="all"), index, (domain,), fits, ())
        if isinstance(one, Targets):
            kinds[domain] = one
    if len(kinds) == 1:
        return next(iter(kinds.values()))
    if "light" not in kinds:
        return Ask("vague", f"What in the {group.text}?")
    lights = kinds["light"]
    verb = action.replace("_", " ")
    where = "in the whole house"
    if group.place_only:
        where = f"in the {group.text}" if group.areas else group.text
    order_ = Command(action, "light", lights.areas, lights.scope, lights.ids)
    return Ask("ambiguous_device", f"Do you want me to {verb} the lights {where}?", (order_,))


def _left_out(clause: Clause, index: Index, among: set[str]) -> set[str] | Ask:
    out: set[str] = set()
    for group in clause.without:
        if group.place_only:
            areas = set(group.areas) | {a for f in group.floors for a in index.floor_areas.get(f, ())}
            out |= {t for t in among if index.things[t].area in areas}
            continue
        one = resolve(group, index, (), lambda _: True, ())
        if isinstance(one, Ask):
            return one
        out |= set(one.ids)
    return out


def _by_domain(clause: Clause, ids: Sequence[str], found: Sequence[Targets], index: Index) -> list[Command] | Ask:
    commands: list[Command] = []
    for domain in dict.fromkeys(index.domain(thing) for thing in ids):
        made = meaning(clause.piece, domain)
        if isinstance(made, Ask):
            return made
        mine = [t for t in ids if index.domain(t) == domain]
        if made.action in _PLAINER and not any(able(index.things[t], made.action) for t in mine):
            made = Meaning(_PLAINER[made.action])
        fit = tuple(t for t in mine if able(index.things[t], made.action))
        if not fit:
            return _unable(index.things[mine[0]], made.action, domain)
        exact = any(one.scope == "device" for one in found)
        if exact and len(fit) < len(mine):
            return _unable(next(index.things[t] for t in mine if t not in fit), made.action, domain)
        commands.append(
            Command(
                action=made.action,
                domain="cover" if domain in _OUTSIDE else domain,
                areas=tuple(sorted({a for one in found for a in one.areas})),
                scope=found[0].scope if len({one.scope for one in found}) == 1 else "device",
                targets=fit,
                value=made.value,
                unit=made.unit,
                amount=made.amount,
                query=attribute(clause.piece),
            )
        )
    return commands


def _unable(thing: HouseThing, action: str, domain: str) -> Ask:
    if domain == "lock" and action in {"open", "close"}:
        other = "unlock" if action == "open" else "lock"
        command = Command(other, "lock", (), "device", (thing.id,))
        return Ask(
            "unsupported", f"I can't {action} the {thing.name}, only {other} it. Shall I {other} it?", (command,)
        )
    return Ask("unsupported", f"The {thing.name} {lacks(action)}.")
