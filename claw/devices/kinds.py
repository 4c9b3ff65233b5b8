"""What people call a thing of each capability."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Kind(NamedTuple):
    """`domain`: the word of the understanding. `nouns`: what such a thing is called, singular."""

    domain: str
    nouns: tuple[str, ...]


KINDS = {
    "light": Kind("light", ("light",)),
    "switch": Kind("switch", ("switch",)),
    "circuit": Kind("switch", ("circuit",)),
    "fan": Kind("fan", ("fan",)),
    "thermostat": Kind("climate", ("thermostat",)),
    "pool": Kind("climate", ()),
    "cover": Kind("cover", ("shade", "blind")),
    "garage_door": Kind("cover", ("garage door",)),
    "lock": Kind("lock", ("lock",)),
    "speaker": Kind("media", ("speaker",)),
    "camera": Kind("camera", ("camera",)),
    "contact": Kind("sensor", ("contact sensor",)),
    "motion": Kind("sensor", ("motion sensor",)),
    "sensor": Kind("sensor", ("sensor",)),
}
OTHER = Kind("switch", ())


def kind(capabilities: Iterable[str]) -> Kind:
    """The kind of a thing: that of its first capability we have a word for."""
    return next((KINDS[name] for name in capabilities if name in KINDS), OTHER)
