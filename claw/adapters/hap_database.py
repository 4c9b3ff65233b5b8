"""A HAP accessory database as values; whatever is malformed in it is left out."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

BASE_UUID: Final = "-0000-1000-8000-0026BB765291"
MAX_ACCESSORIES: Final = 200
MAX_SERVICES: Final = 100
MAX_CHARACTERISTICS: Final = 200
FINEST: Final = 0.001  # no range or step of a house is smaller
INFORMATION, NAME, CONFIGURED_NAME, SERIAL = "3E", "23", "E3", "30"


@dataclass(frozen=True, slots=True)
class Characteristic:
    """One value of a service. `valid`: the values it says it takes, empty when it does not say."""

    iid: int
    code: str
    perms: frozenset[str]
    format: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    valid: frozenset[int] = frozenset()
    value: Any = None


@dataclass(frozen=True, slots=True)
class Service:
    """One function of an accessory; characteristics by type code."""

    iid: int
    code: str
    primary: bool
    hidden: bool
    characteristics: Mapping[str, Characteristic] = field(default_factory=dict)

    def text(self, *codes: str) -> str:
        """The first non-empty text among these characteristics."""
        found = (self.characteristics[code].value for code in codes if code in self.characteristics)
        return next((value for value in found if isinstance(value, str) and value.strip()), "")


@dataclass(frozen=True, slots=True)
class Accessory:
    """One accessory of a pairing."""

    aid: int
    services: tuple[Service, ...]

    @property
    def information(self) -> Service:
        """Its AccessoryInformation, or an empty one."""
        nothing = Service(0, INFORMATION, primary=False, hidden=False)
        return next((service for service in self.services if service.code == INFORMATION), nothing)


def code_of(uuid: object) -> str:
    """The short form of an Apple-defined type (`25`), or the whole upper-case UUID."""
    if not isinstance(uuid, str):
        return ""
    text = uuid.strip().upper()[:64].removesuffix(BASE_UUID)
    return text.lstrip("0") if re.fullmatch(r"[0-9A-F]{1,8}", text) else text


def accessories(evidence: object) -> Iterator[Accessory]:
    """Every accessory with an id, in the database's order."""
    seen: set[int] = set()
    for row in _rows(evidence, "accessories", MAX_ACCESSORIES):
        aid = _id(row.get("aid"))
        if aid and aid not in seen:
            seen.add(aid)
            yield Accessory(aid, tuple(_services(row)))


def _services(accessory: Mapping[str, Any]) -> Iterator[Service]:
    for row in _rows(accessory, "services", MAX_SERVICES):
        iid, code = _id(row.get("iid")), code_of(row.get("type"))
        if iid and code:
            found = {each.code: each for each in reversed(list(_characteristics(row)))}
            yield Service(iid, code, row.get("primary") is True, row.get("hidden") is True, found)


def _characteristics(service: Mapping[str, Any]) -> Iterator[Characteristic]:
    for row in _rows(service, "characteristics", MAX_CHARACTERISTICS):
        iid, code = _id(row.get("iid")), code_of(row.get("type"))
        perms = row.get("perms")
        if iid and code and isinstance(perms, list):
            low, high, step = (number(row.get(key)) for key in ("minValue", "maxValue", "minStep"))
            if low is not None and high is not None and high - low < FINEST:
                low = high = None  # says nothing
            yield Characteristic(
                iid=iid,
                code=code,
                perms=frozenset(perm for perm in perms if isinstance(perm, str)),
                format=str(row.get("format", ""))[:16],
                minimum=low,
                maximum=high,
                step=step if step and step >= FINEST else None,
                valid=_valid(row),
                value=row.get("value"),
            )


def number(value: object) -> float | None:
    """A finite number of sensible size, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e9:  # noqa: PLR2004
        return None
    return value if math.isfinite(value) else None


def _valid(row: Mapping[str, Any]) -> frozenset[int]:
    listed = row.get("valid-values")
    if isinstance(listed, list):
        return frozenset(value for value in listed[:256] if isinstance(value, int) and not isinstance(value, bool))
    span = row.get("valid-values-range")
    if isinstance(span, list) and len(span) == 2 and all(_id(end) is not None for end in span):  # noqa: PLR2004
        return frozenset(range(span[0], min(span[1], span[0] + 255) + 1))
    return frozenset()


def _id(value: object) -> int | None:
    """An instance id (HAP 2.6.1): a whole number of 64 bits."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64 else None


def _rows(parent: object, key: str, limit: int) -> Iterator[Mapping[str, Any]]:
    rows = parent.get(key) if isinstance(parent, Mapping) else None
    for row in rows[:limit] if isinstance(rows, list) else ():
        if isinstance(row, Mapping):
            yield row
