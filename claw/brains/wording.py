"""How values, subjects and ages are said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from claw.brains.colors import color_name
from claw.brains.soul import Phrases
from claw.model.json import Json
from claw.model.thing import Area, Thing
from claw.understanding.words import english

NAMED = 2  # things of one kind that are still named one by one
_TEMPERATURES = frozenset({"target_temperature", "temperature", "water_temperature"})
_DIGITS = {"energy": 2, "power": 1, "voltage": 1, "current": 2, "value": 2}  # after the point; others are told whole
_ENDS = {"position": {100.0: "open", 0.0: "closed"}}


class Wording:
    """Says things in the house's own words and units."""

    def __init__(self, phrases: Phrases, things: Mapping[str, Thing], areas: Mapping[str, Area], unit: str) -> None:
        self.phrases = phrases
        self._things = things
        self._areas = areas
        self._unit = unit

    def state(self, name: str, value: Json) -> str:
        """A value as it follows "is": `on`, `at 40%`, `set to 21 °C`."""
        template = self.phrases.states.get(name)
        if value is None or value == "off":
            return "silent" if value is None else "off"
        if isinstance(template, Mapping):
            return template["true" if value is True else "false"]
        if isinstance(value, int | float) and not isinstance(value, bool):
            if (word := _ENDS.get(name, {}).get(float(value))) is not None:
                return word
            shown = self.temperature(value) if name in _TEMPERATURES else f"{round(value, _DIGITS.get(name, 0)):g}"
        elif isinstance(value, Mapping):
            shown = color_name(_number(value.get("hue")), _number(value.get("saturation")))
        else:
            shown = str(value).replace("_", " ")
        return template.format(value=shown) if template else shown

    def temperature(self, value: float) -> str:
        """Degrees in the house's unit."""
        return f"{value * 1.8 + 32:.0f} °F" if self._unit == "F" else f"{round(value, 1):g} °C"

    def step(self, name: str, value: Json) -> str:
        """How far a step goes."""
        size = abs(_number(value))
        if name not in _TEMPERATURES:
            return f"{size:g}"
        return f"{size * 1.8:.0f} °F" if self._unit == "F" else f"{size:g} °C"

    def title(self, thing: str) -> str:
        """What people call it."""
        known = self._things.get(thing)
        title = known.title if known else thing
        # a lamp called "All lights" must not make one lamp sound like all of them
        return f'"{title}"' if title.lower().partition(" ")[0] in english().quantifiers else title

    def subject(self, things: Sequence[str]) -> str:
        """One title, two titles, or how many of what and where."""
        unique = list(dict.fromkeys(things))
        noun = self.noun(unique)
        if len(unique) <= NAMED or not noun:
            return listed([self.title(thing) for thing in unique])
        areas = {self._things[thing].area for thing in unique}
        area = self._areas.get(areas.pop()) if len(areas) == 1 else None
        return f"{len(unique)} {noun}" + (f" in the {_low(area.name)}" if area else "")

    def verbs(self, things: Sequence[str]) -> dict[str, str]:
        """Verbs and pronouns that agree with `subject(things)`."""
        unique = set(things)
        last = self.title(next(iter(unique))).lower().split() if len(unique) == 1 else []
        return grammar(many=len(unique) > 1 or (bool(last) and last[-1] in self.phrases.plural_titles))

    def noun(self, things: Sequence[str]) -> str:
        """The plural that covers all of them, or empty."""
        kinds = {
            self.phrases.nouns.get(known.capabilities[0] if known.capabilities else "", ("", ""))[1]
            for thing in things
            if (known := self._things.get(thing)) is not None
        }
        return kinds.pop() if len(kinds) == 1 else ""

    def area(self, things: Sequence[str]) -> str:
        """The room that all of them are in, or empty."""
        areas = {known.area for thing in things if (known := self._things.get(thing)) is not None}
        area = self._areas.get(areas.pop()) if len(areas) == 1 else None
        return _low(area.name) if area else ""

    def the(self, thing: str) -> str:
        """A title inside a sentence."""
        return f"the {_low(self.title(thing))}"


def _low(title: str) -> str:
    """As in "Front door" inside a sentence; names with capitals of their own stay."""
    return title if any(c.isupper() for c in title[1:]) else title[:1].lower() + title[1:]


def _number(value: Json) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def listed(names: Sequence[str], joint: str = "and") -> str:
    """As in "A, B and C"."""
    if len(names) < 2:  # noqa: PLR2004 - one name needs no joint
        return "".join(names)
    return f"{', '.join(names[:-1])} {joint} {names[-1]}"


def grammar(*, many: bool) -> dict[str, str]:
    """Verbs and pronouns for one or several."""
    if many:
        return {"is": "are", "was": "were", "does": "do", "has": "have", "them": "them", "they": "they"}
    return {"is": "is", "was": "was", "does": "does", "has": "has", "them": "it", "they": "it"}


def ago(seconds: float) -> str:
    """How long ago, coarsely."""
    for size, word in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            count = int(seconds // size)
            return f"{count} {word}{'s' if count > 1 else ''} ago"
    return "just now"
