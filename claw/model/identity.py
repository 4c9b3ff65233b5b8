"""Who a physical device is, whatever its address is today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    """Kinds of identity, strongest first when two disagree."""

    SERIAL = "serial"
    MAC = "mac"
    UUID = "uuid"
    HAP = "hap"
    ADDRESS = "address"  # the last resort: host and port, for what announces nothing better


@dataclass(frozen=True, slots=True, order=True)
class Identity:
    """One stable name of a device, in canonical spelling (lower case, MACs as twelve hex digits)."""

    scheme: Scheme
    value: str

    @classmethod
    def of(cls, scheme: Scheme, raw: str) -> Identity | None:
        """Normalise `raw`; None when it is not a usable identity (empty, all zeros, too long)."""
        value = raw.strip().lower()
        if scheme in (Scheme.MAC, Scheme.HAP):
            value = re.sub(r"[^0-9a-f]", "", value)
            if len(value) != 12:  # noqa: PLR2004 - a MAC is six bytes
                return None
        if scheme is Scheme.UUID:
            value = value.removeprefix("uuid:").split("::", 1)[0]
        if not value or len(value) > 128 or not value.strip("0:-"):  # noqa: PLR2004
            return None
        return cls(scheme, value)

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"
