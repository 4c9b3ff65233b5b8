"""Is it alive, has it started, can it serve, and how is it doing."""

from collections.abc import Mapping

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from claw.api.vitals import HealthOut
from claw.bus import Bus
from claw.devices.registry import Registry
from claw.lifespan import Services


def _exposition(values: Mapping[str, tuple[str, float]]) -> str:
    lines: list[str] = []
    for name, (kind, value) in values.items():
        lines += [f"# TYPE {name} {kind}", f"{name} {value:g}"]
    return "\n".join([*lines, ""])


def router(services: Services, registry: Registry, bus: Bus) -> APIRouter:
    """Routes that need no token and tell nothing about the household."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", response_class=PlainTextResponse)
    async def healthz() -> str:
        """The process is alive."""
        return "ok\n"

    @routes.get("/startupz", response_class=PlainTextResponse)
    async def startupz() -> str:
        """The process has started and its server answers; `/readyz` says whether everything else does."""
        return "ok\n"

    @routes.get("/readyz", response_model=HealthOut)
    async def readyz() -> Response:
        """Every service is ready; 503 with the reason when one is not."""
        health = HealthOut.of(services)
        return JSONResponse(health.model_dump(), 200 if health.ready else 503)

    @routes.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> str:
        """Prometheus text exposition."""
        things = registry.things.values()
        return _exposition(
            {
                "claw_things": ("gauge", len(things)),
                "claw_things_online": ("gauge", sum(thing.online for thing in things)),
                "claw_devices": ("gauge", len(registry.devices)),
                "claw_bus_published_total": ("counter", bus.published),
                "claw_bus_dropped_total": ("counter", bus.dropped),
                "claw_service_restarts_total": ("counter", sum(h.restarts for h in services.health.values())),
            }
        )

    return routes
