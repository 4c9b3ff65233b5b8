"""The whole HTTP interface, from the parts it serves."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import FastAPI

from claw import __version__
from claw.api import adapters, front, health, house, messages, names, pairing, people, problems, stream, things
from claw.api.gate import Gate
from claw.api.texts import Texts
from claw.bus import Bus
from claw.devices.adoption import Adoption
from claw.devices.farewell import Farewell
from claw.devices.registry import Registry
from claw.lifespan import Services
from claw.state import State
from claw.tools.toolbox import Toolbox


@dataclass(frozen=True, slots=True)
class Parts:
    """What the API serves, handed in by the composition root."""

    services: Services
    bus: Bus
    state: State
    registry: Registry
    toolbox: Toolbox
    adoption: Adoption
    farewell: Farewell
    texts: Texts
    search: house.Search
    tokens: people.Tokens
    pairing: pairing.Pairing
    codes: people.Pairing
    changes: people.Changes
    gate: Gate


def build(parts: Parts) -> FastAPI:
    """The ASGI application."""
    app = FastAPI(
        title="Claw",
        version=__version__,
        description="One program that runs the house.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # its scripts come from another host; the reference is in docs/
        redoc_url=None,
    )
    problems.install(app)
    gate = parts.gate
    app.include_router(front.router())
    app.include_router(health.router(parts.services, parts.registry, parts.bus))
    app.include_router(pairing.router(parts.pairing))
    app.include_router(messages.router(gate, parts.texts))
    app.include_router(things.router(gate, parts.registry, parts.state, parts.toolbox))
    app.include_router(names.router(gate, parts.registry, parts.state, parts.farewell))
    app.include_router(house.router(gate, parts.registry, parts.adoption, parts.search))
    app.include_router(adapters.router(gate, parts.registry, parts.adoption))
    app.include_router(people.router(gate, parts.tokens, parts.codes, parts.changes))
    app.include_router(stream.router(gate, parts.registry, parts.state, parts.bus))
    return app
