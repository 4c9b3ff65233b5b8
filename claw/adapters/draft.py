"""What every compiler's document has in common: the frame around its units, and device texts made harmless."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

Draft: TypeAlias = dict[str, Any]

MAX_UNITS: Final = 500
_PERCENT: Final = 100
_CONTEXT: Final = [
    "https://www.w3.org/2022/wot/td/v1.1",
    {"claw": "urn:claw:vocabulary:", "hap": "urn:claw:hap:", "upnp": "urn:claw:upnp:", "mqtt": "urn:claw:mqtt:"},
]


def clean(text: object, otherwise: str, limit: int = 80) -> str:
    """A device's text as one printable, bounded line; `otherwise` when nothing is left of it."""
    if not isinstance(text, str):
        return otherwise
    line = "".join(letter if letter.isprintable() else " " for letter in text[: limit * 4])
    return re.sub(r"\s+", " ", line).strip()[:limit].strip() or otherwise


def slug(text: str, limit: int = 60) -> str:
    """Lower case letters, digits and dashes; a digest when nothing else is left."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:limit].strip("-")
    return plain or hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:12]


def grain(codec: Iterable[Draft]) -> Draft:
    """`multipleOf` of a percentage that the device writes in fewer than a hundred steps; empty for a finer one."""
    for step in codec:
        if step.get("op") == "scale" and step.get("to") == [0, _PERCENT]:
            width = abs(step["from"][1] - step["from"][0])
            return {"multipleOf": round(_PERCENT / width, 4)} if 0 < width < _PERCENT else {}
    return {}


def extends(*capabilities: str) -> list[Draft]:
    """The `links` of a unit."""
    return [{"rel": "tm:extends", "href": f"claw:{name}", "type": "application/tm+json"} for name in capabilities]


def document(
    binding: str,
    name: str,
    title: str,
    units: Mapping[str, Draft],
    *,
    match: Sequence[Draft] = (),
    left_out: Iterable[str] = (),
    **more: Any,  # noqa: ANN401 - further members of the document, as JSON
) -> Draft:
    """A Thing Model around `units`. `left_out` says what the device has that we did not understand."""
    gaps = list(dict.fromkeys(left_out))
    draft: Draft = {
        "@context": _CONTEXT,
        "@type": "tm:ThingModel",
        "id": f"urn:claw:adapter:{binding}-{slug(name)}",
        "title": title,
        "version": {"model": "1.0.0"},
        "claw:binding": binding,
        **more,
    }
    if gaps:
        draft["description"] = clean(f"Not used: {'; '.join(gaps)}.", "", 1500)
    if match:
        draft["claw:match"] = list(match)
    draft["claw:units"] = dict(units)
    return draft
