"""The composition root: builds every object, owns the lifespan. No logic lives here."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import anyio

from claw.api.door import Door
from claw.api.gate import Gate
from claw.api.limits import Limits
from claw.api.server import Server, listen
from claw.api.texts import Texts
from claw.brains.conversation import Conversation
from claw.bus import Bus
from claw.devices.adoption import Adoption, Compiler
from claw.devices.bindings import Bindings
from claw.devices.compilers import hap_documents, mqtt_documents, upnp_documents
from claw.devices.configured import broker
from claw.devices.discovery.service import Discovery
from claw.devices.evidence import HapEvidence, MqttEvidence, UpnpEvidence
from claw.devices.farewell import Farewell
from claw.devices.finder import Finder
from claw.devices.observing import Observing
from claw.devices.polling import Polling
from claw.devices.prove import Proof
from claw.devices.registry import Registry
from claw.devices.things import Things
from claw.lifespan import Services, after
from claw.model.context import Context
from claw.protocols.hap import Hap
from claw.protocols.http import Http
from claw.protocols.kasa import Kasa
from claw.protocols.mqtt import Mqtt
from claw.protocols.rtsp import Rtsp
from claw.protocols.sonos import Sonos
from claw.protocols.upnp import Upnp
from claw.settings import Settings
from claw.state import State
from claw.store.keeping import Keeping
from claw.store.store import Store
from claw.tools.ports import Desk
from claw.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from fastapi import FastAPI


@dataclass(frozen=True, slots=True)
class House:
    """Every object of a running house."""

    settings: Settings
    services: Services
    store: Store
    bus: Bus
    state: State
    bindings: Bindings
    registry: Registry
    things: Things
    discovery: Discovery
    proof: Proof
    adoption: Adoption
    farewell: Farewell
    finder: Finder
    toolbox: Toolbox
    conversation: Conversation


@asynccontextmanager
async def open_house(settings: Settings) -> AsyncIterator[House]:
    """A house that can be spoken to. It looks at nothing by itself until `live` runs on it."""
    services = Services()
    async with await Store.open(settings.database_url) as store:
        bus = Bus()
        state = State(bus)
        hap, mqtt, web = Hap(store.secrets), Mqtt(store.secrets), Http(store.secrets)
        wires = (web, Upnp(store.secrets), Sonos(store.secrets), hap, mqtt, Kasa(), Rtsp(store.secrets))
        bindings = Bindings({wire.name: wire for wire in wires})
        registry = Registry(store, bus, state, bindings)
        await registry.load()
        things = Things(registry, bindings, state, bus, store.changes)
        discovery = Discovery(bus, settings.interfaces, lambda heard: registry.meet(heard, Context.new("discovery")))
        compilers = (
            Compiler(HapEvidence(hap), hap_documents),
            Compiler(UpnpEvidence(web), upnp_documents),
            Compiler(MqttEvidence(mqtt, store.secrets), mqtt_documents),
        )
        proof = Proof(registry, things)
        adoption = Adoption(registry, bindings, store.secrets, proof, compilers)
        farewell = Farewell(registry, bindings, store.secrets, {"hap": hap.unpair})
        finder = Finder(registry, discovery)
        toolbox = Toolbox(Desk(registry, things, state, store.changes, finder))
        conversation = Conversation(toolbox, registry, state, journal=store.changes)
        async with anyio.create_task_group() as group:
            await services.start(group, "mqtt", mqtt.run)
            await services.start(group, "moves", partial(registry.moves.run, registry.meet))
            try:
                yield House(
                    settings, services, store, bus, state, bindings, registry, things,
                    discovery, proof, adoption, farewell, finder, toolbox, conversation,
                )  # fmt: skip
            finally:
                for wire in wires:
                    await wire.aclose()
                group.cancel_scope.cancel()


@asynccontextmanager
async def live(house: House) -> AsyncIterator[str]:
    """Serve, listen, poll and discover until the block ends; gives the address that is served."""
    settings, services = house.settings, house.services
    observing = Observing(house.registry, house.things, house.bindings, house.bus)
    polling = Polling(house.registry, house.things, house.bus, pushed=observing.pushes)
    gate, texts = Gate(house.store.tokens), Texts(house.conversation, house.store.principals)
    door = Door(services, gate, texts, partial(http, house, gate, texts))
    if settings.discovery:
        await house.discovery.check()
    house.conversation.prepare()
    with listen(settings.host, settings.port) as sock:
        async with anyio.create_task_group() as group:
            server = Server(Limits(door), sock)
            await services.start(group, "http", server.run_service)
            await services.start(group, "observing", observing.run)
            await services.start(group, "polling", polling.run)
            await services.start(group, "canary", house.proof.run)
            await services.start(group, "journal", Keeping(house.store.changes).run)
            await services.start(group, "api", door.run)
            if settings.discovery:
                await services.start(group, "discovery", after(door.settled, house.discovery.run))
            if settings.mqtt:
                await broker(house.registry, house.store.secrets, settings.mqtt, Context.new("settings"))
            host, port = sock.getsockname()[:2]
            yield f"http://{f'[{host}]' if ':' in host else host}:{port}"
            group.cancel_scope.cancel()


def http(house: House, gate: Gate | None = None, texts: Texts | None = None) -> FastAPI:
    """The whole HTTP interface of a house."""
    from claw.api.build import Parts, build  # noqa: PLC0415 - 150 ms that the first text need not wait for

    return build(
        Parts(
            services=house.services,
            bus=house.bus,
            state=house.state,
            registry=house.registry,
            toolbox=house.toolbox,
            adoption=house.adoption,
            farewell=house.farewell,
            texts=texts or Texts(house.conversation, house.store.principals),
            search=house.finder.look,
            tokens=house.store.tokens,
            pairing=house.store.pairing,
            codes=house.store.pairing,
            changes=house.store.changes,
            gate=gate or Gate(house.store.tokens),
        )
    )
