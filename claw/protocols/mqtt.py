"""Things behind an MQTT broker, by aiomqtt; one connection per broker.

`href` is a topic: reads give its retained or last seen payload, writes publish to it. Terms of a form: `mqtt:qos`
(0-2), `mqtt:retain`, and `mqtt:availability`, a list of `{"topic", "offline"?, "path"?}`: a thing that one of
them says is offline is DeviceOffline. `run()` must be running; it holds the connections.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Final

import anyio
from anyio.abc import TaskGroup, TaskStatus

from claw.errors import DeviceOffline, DeviceTimeout
from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json, JsonObject
from claw.protocols.binding import DEFAULT_TIMEOUT, Secrets
from claw.protocols.mqtt_availability import Sign, be_online, signs_of
from claw.protocols.mqtt_payload import decode, encode, topic_of

if TYPE_CHECKING:
    from claw.protocols.mqtt_broker import Broker

PATIENCE: Final = 1.0  # seconds a read waits for the first payload of a topic
QUIET: Final = 0.4  # seconds without a message that end a discovery
MAX_CONFIGS: Final = 2000
MAX_CONFIG: Final = 32 * 1024  # bytes
DISCOVERY: Final = "homeassistant"


class Mqtt:
    """The `mqtt` binding."""

    name = "mqtt"

    def __init__(self, secrets: Secrets, *, timeout: float = DEFAULT_TIMEOUT, patience: float = PATIENCE) -> None:
        self._secrets = secrets
        self._timeout = timeout
        self._patience = patience
        self._brokers: dict[tuple[str, int, str], Broker] = {}
        self._tasks: TaskGroup | None = None

    async def run(self, *, task_status: TaskStatus[None] = anyio.TASK_STATUS_IGNORED) -> None:
        """Hold the connections until cancelled."""
        try:
            async with anyio.create_task_group() as tasks:
                self._tasks = tasks
                task_status.started()
                await anyio.sleep_forever()
        finally:
            self._tasks = None
            self._brokers.clear()

    async def read(self, target: Target) -> Json:
        """The topic's retained or last seen payload. DeviceTimeout when nothing was published yet."""
        topic = topic_of(target.form.href)
        broker = self._broker(target.endpoint)
        signs = await _signs(broker, target.form)
        try:
            payload = await broker.last(topic, self._patience)
        except DeviceTimeout:
            be_online(signs, broker.peek)  # the better reason
            raise
        be_online(signs, broker.peek)
        return payload

    async def write(self, target: Target, payload: Json) -> Json:
        """Publish; MQTT gives no answer."""
        terms = target.form.terms
        topic = topic_of(target.form.href)
        broker = self._broker(target.endpoint)
        be_online(await _signs(broker, target.form), broker.peek)
        qos = terms.get("mqtt:qos")
        await broker.publish(
            topic,
            encode(payload),
            qos=qos if isinstance(qos, int) and 0 <= qos <= 2 else 0,  # noqa: PLR2004 - MQTT has three
            retain=terms.get("mqtt:retain") is True,
        )
        return None

    async def invoke(self, target: Target, payload: Json) -> Json:
        """Publish the action's payload."""
        return await self.write(target, payload)

    async def observe(self, target: Target) -> AsyncGenerator[Json, None]:
        """Each payload, a known one first. DeviceOffline ends it when broker or thing goes: observe again."""
        topic = topic_of(target.form.href)
        broker = self._broker(target.endpoint)
        signs = await _signs(broker, target.form)
        known = broker.peek(topic)
        async with broker.listen(*{topic: None} | {sign.topic: None for sign in signs}) as feed:
            be_online(signs, broker.peek)
            if known is not None:
                yield known
            while True:
                where, payload = await feed.next()
                be_online(signs, broker.peek)
                if where == topic:
                    yield payload

    async def discover(self, endpoint: Endpoint, seconds: float = 2.0) -> JsonObject:
        """Evidence for the compiler: `{"configs": {topic: config}}`, what things announced about themselves."""
        configs: dict[str, Json] = {}

        def keep(topic: str, payload: bytes) -> None:
            if len(payload) <= MAX_CONFIG and (topic in configs or len(configs) < MAX_CONFIGS):
                config = decode(payload)
                if isinstance(config, dict):  # an empty payload takes an announcement back
                    configs[topic] = config

        broker = self._broker(endpoint)
        await broker.collect([f"{DISCOVERY}/+/+/config", f"{DISCOVERY}/+/+/+/config"], keep, seconds, QUIET)
        return {"configs": configs}

    async def forget(self, endpoint: Endpoint) -> None:
        """Close the connection to this broker."""
        broker = self._brokers.pop(_key(endpoint), None)
        if broker is not None:
            broker.end()

    async def aclose(self) -> None:
        """Close every connection."""
        while self._brokers:
            self._brokers.popitem()[1].end()

    def _broker(self, endpoint: Endpoint) -> Broker:
        broker = self._brokers.get(_key(endpoint))
        if broker is not None:
            return broker
        if self._tasks is None:
            raise DeviceOffline("The MQTT binding is not running. Start Claw's daemon.")
        from claw.protocols.mqtt_broker import Broker  # noqa: PLC0415 - aiomqtt is loaded when a broker is used

        broker = Broker(endpoint.host, endpoint.port, lambda: self._login(endpoint), self._timeout)
        self._brokers[_key(endpoint)] = broker
        self._tasks.start_soon(broker.run)
        return broker

    async def _login(self, endpoint: Endpoint) -> tuple[str, str] | None:
        """User and password: the endpoint may name the user; else the secret is `user:password`."""
        if endpoint.auth != "basic" or not endpoint.secret:
            return None
        kept = await self._secrets.get(endpoint.secret)
        if not kept:
            return None
        if endpoint.auth_name:
            return endpoint.auth_name, kept
        user, _, password = kept.partition(":")
        return user, password


def _key(endpoint: Endpoint) -> tuple[str, int, str]:
    return endpoint.host, endpoint.port, endpoint.secret


async def _signs(broker: Broker, form: Form) -> tuple[Sign, ...]:
    """What tells whether the thing is there, subscribed to."""
    found = signs_of(form.terms.get("mqtt:availability"))
    for sign in found:
        await broker.subscribe(sign.topic)
    return found
