"""The MQTT compiler: Home Assistant discovery messages become one document for each device, a unit for each entity.

Evidence: `{"configs": {topic: config}}`. Pure, and never raises: an entity whose templates do not invert, or for
which there is no capability, is left out with the reason in its device's description.
"""

from __future__ import annotations

from typing import Any, Final

from claw.adapters.draft import MAX_UNITS, Draft, clean, document, extends, slug
from claw.adapters.ha_config import Entity, entities
from claw.adapters.ha_kinds import KINDS
from claw.adapters.ha_parts import Unusable
from claw.capabilities import catalog
from claw.model.json import Json

_MATCH: Final = [{"kind": "_mqtt._tcp"}, {"kind": "mqtt"}]
_LOGIN: Final = {"in": "basic", "optional": True, "ask": "Give the broker's login as user:password."}


def propose(evidence: Json) -> list[Draft]:
    """A document for each device that has at least one usable entity."""
    devices: dict[str, list[Entity]] = {}
    for entity in entities(evidence):
        devices.setdefault(entity.device, []).append(entity)
    made = (_device(name, found) for name, found in devices.items())
    return [draft for draft in made if draft is not None]


def _device(name: str, found: list[Entity]) -> Draft | None:
    units: dict[str, Draft] = {}
    left_out: list[str] = []
    for entity in found:
        try:
            unit = _unit(entity)
        except Unusable as reason:
            left_out.append(f"{entity.title} {reason}")
            continue
        key = _free(slug(f"{entity.component}-{entity.unique}", 50), units)
        if len(units) < MAX_UNITS:
            units[key] = {**unit, "claw:unit": key}
    if not units:
        return None
    title = next((entity.device_title for entity in found if entity.device_title), found[0].title)
    more: dict[str, Any] = {"claw:credential": _LOGIN}
    return document("mqtt", name, title, units, match=_MATCH, left_out=left_out, **more)


def _unit(entity: Entity) -> Draft:
    build = KINDS.get(entity.component)
    if build is None:
        raise Unusable(
            f"is a {clean(entity.component, 'thing without a kind', 40)}, which Claw does not drive by MQTT"
        )
    capability, properties, actions = build(entity)
    specs = catalog.capability(capability).properties
    typed = {name: {"type": specs[name].type, **bound} for name, bound in properties.items()}
    draft: Draft = {"title": entity.title, "links": extends(capability), "properties": typed}
    return {**draft, "actions": actions} if actions else draft


def _free(key: str, taken: dict[str, Draft]) -> str:
    number = 2
    free = key
    while free in taken:
        free, number = f"{key}-{number}", number + 1
    return free
