"""A person who may speak to the house."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person may do: owners all, adults all but adoption and people, guests harmless things."""

    OWNER = "owner"
    ADULT = "adult"
    GUEST = "guest"


@dataclass(frozen=True, slots=True)
class Principal:
    """A member of the household. `addresses` are `channel:address` (`cli:local`, `whatsapp:+44...`)."""

    id: str
    name: str
    role: Role
    addresses: tuple[str, ...] = ()
