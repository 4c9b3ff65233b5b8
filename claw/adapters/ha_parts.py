"""What Home Assistant's MQTT entities are made of: topics, payload words and numbers, as forms and codecs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from claw.adapters import hrefs
from claw.adapters.draft import Draft, grain
from claw.adapters.ha_config import Entity
from claw.adapters.ha_template import Selection, body, selection

_NO_TOPIC: Final = re.compile(r"[+#{}\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST: Final = 400


class Unusable(Exception):
    """Why an entity is skipped, as the end of a sentence; it never leaves the compiler."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a value is read."""

    topic: str
    found: Selection


def topic(entity: Entity, key: str) -> str:
    """A topic that one thing may use, or nothing."""
    value = entity.config.get(key)
    return value if isinstance(value, str) and usable(value) else ""


def usable(value: str) -> bool:
    """Whether `value` is exactly one topic, and one that a form can carry."""
    fine = 0 < len(value) <= _LONGEST and value.strip() == value and not value.startswith("$")
    return fine and not _NO_TOPIC.search(value) and not hrefs.problem(value, "mqtt")


def source(entity: Entity, topic_key: str, template_key: str) -> Source:
    """Where a value is read. Raises Unusable."""
    where = topic(entity, topic_key)
    if not where:
        raise Unusable(f"has no usable {topic_key}, and what cannot be read cannot be proved")
    found = selection(entity.text(template_key))
    if found is None:
        raise Unusable(f"has a {template_key} of a form that does not invert")
    return Source(where, found)


def inside(where: Source, member: str) -> Source:
    """A member of the JSON that `where` carries."""
    return Source(where.topic, Selection(json.dumps(member), (member,)))


def read_form(entity: Entity, where: Source) -> Draft:
    """The form that reads and observes."""
    form: Draft = {"op": ["readproperty", "observeproperty"], "href": where.topic, **_signs(entity)}
    if where.found.select != "@":
        form["claw:select"] = where.found.select
    return form


def send(entity: Entity, op: str, where: str, payload: Any) -> Draft:  # noqa: ANN401 - any JSON
    """A form that publishes."""
    form: Draft = {"op": op, "href": where, **_signs(entity)}
    if payload != "{value}" or op == "invokeaction":
        form["claw:body"] = payload
    qos = entity.config.get("qos")
    if isinstance(qos, int) and qos in (1, 2):
        form["mqtt:qos"] = int(qos)
    if entity.config.get("retain") is True:
        form["mqtt:retain"] = True
    return form


def command(entity: Entity, topic_key: str, template_key: str = "") -> Draft | None:
    """The form that writes a value; None when there is no command topic. Raises Unusable."""
    where = topic(entity, topic_key)
    if not where:
        return None
    payload = body(entity.text(template_key) if template_key else "")
    if payload is None:
        raise Unusable(f"has a {template_key} of a form that does not invert")
    return send(entity, "writeproperty", where, payload)


def prop(
    entity: Entity,
    where: Source,
    codec: Sequence[Draft],
    write: Draft | None = None,
    **members: Any,  # noqa: ANN401
) -> Draft:
    """A property read from `where`, and written by `write`."""
    steps = [*where.found.codec, *codec] if write is None else list(codec)
    if write is not None and where.found.codec:
        raise Unusable("has a template that computes, on a value that is written as well")
    forms = [read_form(entity, where), *([write] if write else [])]
    coarse = grain(steps) if write else {}
    return {**({"claw:codec": steps} if steps else {}), **coarse, **members, "forms": forms}


def words(*pairs: tuple[str, Any], quoted: bool = False) -> Draft:
    """An `enum` step; of several words with one meaning the first is written. `quoted`: the word is inside JSON."""
    table: dict[str, Any] = {}
    for word, meaning in pairs:
        if not word:
            continue
        literal = word
        try:
            parsed = json.loads(word)
        except (ValueError, RecursionError):
            parsed = None
        if quoted and parsed is not None:  # `1` in the config may be `"1"` or `1` there
            table.setdefault(json.dumps(word), meaning)
        table.setdefault(literal, meaning)
    if len(set(table.values())) < 2 and (not table or True in table.values() or False in table.values()):  # noqa: PLR2004 - yes and no
        raise Unusable("says the same word for on and off")
    return {"op": "enum", "map": table}


def numeric(*more: Draft, whole: bool = False) -> list[Draft]:
    """A number, however it is quoted; `whole`: written without decimals."""
    return [{"op": "cast", "to": "number", "wire": "integer" if whole else "number"}, *more]


def span(entity: Entity, low_key: str, high_key: str, low: float, high: float) -> list[Draft]:
    """A scale from the entity's range to percent, left out when it is percent already. Raises Unusable."""
    ends = [entity.number(low_key, low) if low_key else low, entity.number(high_key, high) if high_key else high]
    if abs(ends[0] - ends[1]) < 1:
        raise Unusable("has an empty range")
    return [] if ends == [0, 100] else [{"op": "scale", "from": ends, "to": [0, 100]}]


def _signs(entity: Entity) -> Draft:
    """`mqtt:availability`, of what the entity says about it and we understand."""
    rows: list[Draft] = []
    listed = entity.config.get("availability")
    single = {"topic": entity.config.get("availability_topic"), **entity.config}
    for row in [*(listed[:8] if isinstance(listed, list) else ()), single if single["topic"] else None]:
        where = row.get("topic") if isinstance(row, Mapping) else None
        if isinstance(row, Mapping) and isinstance(where, str) and usable(where):
            template = row.get("value_template") if row is not single else row.get("availability_template")
            found = selection(template if isinstance(template, str) else "")
            offline = row.get("payload_not_available", "offline")
            if found is not None and not found.codec and isinstance(offline, str) and "{" not in offline[:200]:
                path = ".".join(found.path)
                rows.append({"topic": where, "offline": offline[:200], **({"path": path} if path else {})})
    return {"mqtt:availability": rows} if rows else {}
