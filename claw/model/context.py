"""Where a fact or a command came from: the thread that answers "why?"."""

from __future__ import annotations

import secrets
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Context:
    """One cause. `origin` is a short `kind:detail` (`text:Anna`, `rule:7`, `api:dashboard`, `poll`, `device`)."""

    origin: str
    id: str
    parent: str | None = None

    @classmethod
    def new(cls, origin: str) -> Context:
        """Start a chain."""
        return cls(origin, secrets.token_hex(8))

    def child(self, origin: str) -> Context:
        """Continue this chain with a new cause."""
        return Context(origin, secrets.token_hex(8), self.id)
