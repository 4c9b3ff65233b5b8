"""Questions about the house: what is on, how warm, is it locked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from claw.model.house import HouseThing
from claw.model.intent import Command, Intent, Outcome
from claw.understanding.ask import Ask
from claw.understanding.index import Index
from claw.understanding.orders import clarify
from claw.understanding.pieces import Group
from claw.understanding.scan import Span
from claw.understanding.suggest import unexplained
from claw.understanding.targets import Targets, narrowed, places, resolve

PROPERTIES = {
    "temperature": ("temperature", "water_temperature"), "target_temperature": ("target_temperature",),
    "humidity": ("humidity",), "brightness": ("brightness",), "volume": ("volume",), "position": ("position",),
    "battery": ("battery",), "power": ("power",), "energy": ("energy",), "motion": ("motion",), "color": ("color",),
    "color_temperature": ("color_temperature",), "mode": ("mode", "heat_mode"), "heat_mode": ("heat_mode",),
    "speed": ("speed",), "title": ("title", "playback"), "on": ("on_off",), "off": ("on_off",),
    "open": ("position", "open", "contact_open"), "closed": ("position", "open", "contact_open"),
    "locked": ("locked",), "unlocked": ("locked",), "playing": ("playback",), "paused": ("playback",),
    "muted": ("mute",), "heating": ("activity", "heating"), "cooling": ("activity",), "state": (),
}  # fmt: skip
_ACTIONS = {"temperature": "get_temperature", "humidity": "get_humidity", "motion": "get_motion"}
_BARE = frozenset({"temperature", "humidity", "battery", "power", "state", "motion", "energy"})


@dataclass(slots=True)
class _Question:
    opener: str = ""
    attr: str = ""
    state: str = ""
    groups: list[Group] = field(default_factory=lambda: [Group()])
    unknown: list[tuple[int, int]] = field(default_factory=list)


def is_question(spans: Sequence[Span]) -> bool:
    """Whether the first word that says anything asks, or only a quantity is named ("kitchen temperature")."""
    said = [s for s in spans if not ("filler" in s.kinds and "ask" not in s.kinds) and "hello" not in s.kinds]
    if not said:
        return False
    if "ask" in said[0].kinds or "ask_attr" in said[0].kinds:
        return True
    attrs = [s for s in said if s.kinds.get("attr") in _BARE]
    rest = [
        s
        for s in said
        if s not in attrs and not s.names and not s.kinds.keys() & {"noun", "prep", "all", "ask_filler"}
    ]
    return len(attrs) == 1 and not rest and not any(s.number is not None for s in said)


def question(spans: Sequence[Span], index: Index, referents: tuple[str, ...]) -> Intent:
    """A query, a question back, or NONE when it is not about the house."""
    asked = _read(spans)
    home = any(s.names or "noun" in s.kinds for s in spans)
    about = bool(asked.attr or asked.state or home)
    if not about:
        return Intent(Outcome.NONE)
    if asked.unknown:
        return unexplained(spans, asked.unknown, index, None, home=home) if home else Intent(Outcome.NONE)
    key = asked.attr or asked.state or "state"
    ids: list[str] = []
    scopes: set[str] = set()
    areas: set[str] = set()
    for group in asked.groups:
        found = _find(group, key, index, referents)
        if isinstance(found, Ask):
            return clarify(found)
        ids.extend(found.ids)
        scopes.add(found.scope)
        areas.update(found.areas)
    if not ids:
        return clarify(Ask("unknown_device", "I have nothing there that can tell."))
    domains = {index.domain(t) for t in ids}
    domain = domains.pop() if len(domains) == 1 else ""
    action = _ACTIONS.get(key, "get_state")
    text = (
        "count"
        if asked.opener == "which" and spans and "how many" in " ".join(s.text for s in spans)
        else asked.opener
    )
    scope = scopes.pop() if len(scopes) == 1 else "device"
    domain = "cover" if domain == "garage_door" else domain
    command = Command(action, domain, tuple(sorted(areas)), scope, tuple(dict.fromkeys(ids)), query=key, text=text)
    return Intent(Outcome.QUERY, (command,))


def _read(spans: Sequence[Span]) -> _Question:
    asked = _Question()
    for i, span in enumerate(spans):
        group = asked.groups[-1]
        if span.describes(spans[i + 1] if i + 1 < len(spans) else None):
            group.begins += span.named.begins
            group.texts += span.words
        elif span.names:
            following = spans[i + 1].kinds if i + 1 < len(spans) else {}
            _name(group, span, noun_follows="noun" in following)
        elif span.kinds.get("and") == "and" and span.text in {"and", ","} and not group.empty:
            asked.groups.append(Group())
        elif not (_asks(asked, span, where=_preposition(spans, i)) or _points(group, span) or _idle(span)):
            asked.unknown.append((i, i + 1))
    asked.groups = [g for g in asked.groups if not g.empty] or [Group()]
    return asked


def _asks(asked: _Question, span: Span, *, where: bool) -> bool:
    """Take a word that says what is asked; each kind once."""
    kinds = span.kinds
    if "ask" in kinds and not asked.opener:
        asked.opener = kinds["ask"]
        asked.groups[-1].it = span.text.endswith(" it")
    elif "ask_attr" in kinds and not asked.attr:
        asked.attr, asked.opener = kinds["ask_attr"], asked.opener or "what"
    elif "state" in kinds and not asked.state and not where:
        asked.state = kinds["state"]
    elif "attr" in kinds and not asked.attr and "noun" not in kinds:
        asked.attr = kinds["attr"]
    else:
        return False
    return True


def _points(group: Group, span: Span) -> bool:
    """Take a word that says what it is asked of."""
    kinds = span.kinds
    if "noun" in kinds and not group.noun:
        group.noun, group.word = kinds["noun"].split("/", 1)
        group.plural = span.plural
        group.texts += span.words
    elif "all" in kinds:
        group.all = group.all or kinds["all"]
    elif "it" in kinds:
        group.it = group.empty
    else:
        return False
    return True


def _idle(span: Span) -> bool:
    return bool(span.kinds.keys() & {"filler", "prep", "ask_filler", "ask", "and"})


def _preposition(spans: Sequence[Span], i: int) -> bool:
    """As in "on" before a place, or before "the": where, not whether."""
    if spans[i].text != "on" or i + 1 >= len(spans):
        return False
    following = spans[i + 1]
    rest = spans[i + 1 :]
    place = any(s.named.areas or s.named.floors or s.named.things for s in rest)
    return place and ("filler" in following.kinds or following.names) and any("state" in s.kinds for s in rest)


def _name(group: Group, span: Span, *, noun_follows: bool) -> None:
    named = span.named
    group.texts += span.words
    if named.things and not ((named.areas or named.floors) and noun_follows):
        group.things += named.things if len(named.things) == 1 else ()
        group.partial += named.things if len(named.things) > 1 else ()
    elif named.areas or named.floors:
        group.areas += named.areas
        group.floors += () if named.areas else named.floors
    else:
        group.partial += named.partial


def _find(group: Group, key: str, index: Index, referents: tuple[str, ...]) -> Targets | Ask:
    wanted = PROPERTIES[key]

    def tells(thing: HouseThing) -> bool:
        return (
            not wanted
            or not thing.properties.isdisjoint(wanted)
            or (key in {"on", "off"} and "playback" in thing.properties)
        )

    if group.things or group.partial or group.it:
        found = resolve(group, index, (), tells, referents)
        if isinstance(found, Ask) or any(tells(index.things[t]) for t in found.ids):
            return found
        near = _near(index.things[found.ids[0]], tells, index)
        return Targets(near, "area") if near else Ask("unsupported", f"The {group.text} can't tell me that.")
    inside = places(group, index)
    if group.noun == "lock" and key in {"open", "closed"}:
        group.noun = ""
    things = [t for t in _inside(group, inside, index) if tells(t)]
    if group.noun:
        things = narrowed([t for t in things if index.domain(t.id) == group.noun], group, index)
    elif key in {"on", "off"}:
        things = [t for t in things if index.domain(t.id) in {"light", "switch", "fan", "media", "pool"}]
    elif key == "temperature" and inside is None:
        things = _indoors(things, index) or things
    elif not wanted and inside is None:
        return Ask("vague", "The state of what?")
    scope = (
        "area" if group.areas else "floor" if group.floors else "all" if group.all or group.plural else "unspecified"
    )
    if not things and group.text:
        return Ask("unknown_device", f"I have nothing that tells me that about the {group.text}.")
    return Targets(tuple(t.id for t in things), scope, tuple(sorted(inside or ())))


def _inside(group: Group, inside: frozenset[str] | None, index: Index) -> list[HouseThing]:
    things = [t for t in index.house.things if inside is None or t.area in inside]
    return [t for t in things if t.id in group.begins] if group.begins else things


def _near(thing: HouseThing, tells: Callable[[HouseThing], bool], index: Index) -> tuple[str, ...]:
    """What else in its room can tell."""
    return tuple(t.id for t in index.house.things if thing.area and t.area == thing.area and tells(t))


def _indoors(things: list[HouseThing], index: Index) -> list[HouseThing]:
    climates = [t for t in things if index.domain(t.id) == "climate"]
    main = [t for t in climates if not any(name.lower() in t.name.lower() for name in index.area_names.values())]
    return main or climates
