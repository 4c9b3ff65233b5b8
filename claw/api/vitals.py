"""How the daemon is doing, as a shape."""

from __future__ import annotations

from pydantic import BaseModel

from claw.lifespan import Phase, Services

FINE = frozenset({Phase.READY, Phase.ENDED})


class ServiceShape(BaseModel):
    """One service's phase, restarts and last reason."""

    phase: str
    restarts: int
    reason: str


class HealthOut(BaseModel):
    """Whether all services are ready, and each one."""

    ready: bool
    services: dict[str, ServiceShape]

    @classmethod
    def of(cls, services: Services) -> HealthOut:
        """Shape what the services say."""
        shapes = {
            name: ServiceShape(phase=h.phase, restarts=h.restarts, reason=h.reason)
            for name, h in services.health.items()
        }
        return cls(ready=all(h.phase in FINE for h in services.health.values()), services=shapes)
