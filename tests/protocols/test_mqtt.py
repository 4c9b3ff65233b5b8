"""The MQTT binding against mosquitto."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from aiomqtt import Client
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import (
    AnswerTooLarge,
    CredentialMissing,
    CredentialWrong,
    DeviceOffline,
    DeviceTimeout,
    NotSupported,
)
from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json
from claw.protocols import mqtt_payload
from claw.protocols.mqtt import Mqtt
from tests.protocols.hap_zoo import Vault
from tests.protocols.mosquitto import PASSWORD, USER, mosquitto

needs_broker = pytest.mark.requires("mosquitto")
AVAILABILITY = {"mqtt:availability": [{"topic": "lamp/here"}]}


@asynccontextmanager
async def running(vault: Vault | None = None, **options: Any) -> AsyncIterator[Mqtt]:
    binding = Mqtt(vault or Vault(), **options)
    async with anyio.create_task_group() as tasks:
        await tasks.start(binding.run)
        try:
            yield binding
        finally:
            await binding.aclose()
            tasks.cancel_scope.cancel()


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Endpoint]:
    async with mosquitto(tmp_path) as endpoint:
        yield endpoint


def at(endpoint: Endpoint, topic: str, **terms: Json) -> Target:
    return Target(endpoint, Form("readproperty", topic, terms=terms))


@asynccontextmanager
async def lamp(endpoint: Endpoint) -> AsyncIterator[Client]:
    async with Client(endpoint.host, endpoint.port) as client:
        yield client


@needs_broker
async def test_a_retained_state_is_read_and_a_command_arrives(broker: Endpoint) -> None:
    async with running() as mqtt, lamp(broker) as client:
        await client.publish("lamp/state", json.dumps({"state": "ON", "brightness": 3}), retain=True, qos=1)
        await client.subscribe("lamp/set")
        with anyio.fail_after(10):
            assert await mqtt.read(at(broker, "lamp/state")) == {"state": "ON", "brightness": 3}
            await mqtt.write(at(broker, "lamp/set", **{"mqtt:qos": 1}), {"state": "OFF"})
            message = await anext(aiter(client.messages))
            assert message.payload == b'{"state":"OFF"}'
            await mqtt.invoke(at(broker, "lamp/set"), "TOGGLE")
            assert (await anext(aiter(client.messages))).payload == b"TOGGLE"


@needs_broker
async def test_silence_is_a_timeout_and_the_next_change_ends_it(broker: Endpoint) -> None:
    async with running(patience=0.05) as mqtt, lamp(broker) as client:
        with anyio.fail_after(10):
            with pytest.raises(DeviceTimeout, match="unknown until"):
                await mqtt.read(at(broker, "lamp/state"))
            changes = mqtt.observe(at(broker, "lamp/state"))
            async with aclosing(changes), anyio.create_task_group() as tasks:
                tasks.start_soon(client.publish, "lamp/state", "ON")
                assert await anext(changes) == "ON"
            assert await mqtt.read(at(broker, "lamp/state")) == "ON"  # seen, though not retained


@needs_broker
async def test_observers_see_each_message_in_order(broker: Endpoint) -> None:
    async with running() as mqtt, lamp(broker) as client:
        await client.publish("t", "0", retain=True, qos=1)
        seen: list[Json] = []
        with anyio.fail_after(10):
            async with aclosing(mqtt.observe(at(broker, "t"))) as changes:
                seen.append(await anext(changes))
                for word in ("1", "2.5", "on", '{"a": [1]}'):
                    await client.publish("t", word, qos=1)
                seen += [await anext(changes) for _ in range(4)]
        assert seen == [0, 1, 2.5, "on", {"a": [1]}]


@needs_broker
async def test_a_thing_that_says_it_is_offline_is_offline(broker: Endpoint) -> None:
    async with running(patience=0.5) as mqtt, lamp(broker) as client:
        await client.publish("lamp/here", "offline", retain=True, qos=1)
        with anyio.fail_after(10):
            with pytest.raises(DeviceOffline, match="offline"):
                await mqtt.read(at(broker, "lamp/state", **AVAILABILITY))
            await client.publish("lamp/state", "ON", retain=True, qos=1)
            with pytest.raises(DeviceOffline):
                await mqtt.write(at(broker, "lamp/set", **AVAILABILITY), "ON")
            async with aclosing(mqtt.observe(at(broker, "lamp/here"))) as here:
                assert await anext(here) == "offline"
                await client.publish("lamp/here", "online", retain=True, qos=1)
                assert await anext(here) == "online"
            assert await mqtt.read(at(broker, "lamp/state", **AVAILABILITY)) == "ON"
            changes = mqtt.observe(at(broker, "lamp/state", **AVAILABILITY))
            assert await anext(changes) == "ON"
            await client.publish("lamp/here", "offline", retain=True, qos=1)
            with pytest.raises(DeviceOffline):
                await anext(changes)


@needs_broker
async def test_a_broker_that_restarts_is_found_again(tmp_path: Path) -> None:
    async with running() as mqtt:
        with anyio.fail_after(20):
            async with mosquitto(tmp_path) as endpoint:
                async with lamp(endpoint) as client:
                    await client.publish("t", "1", retain=True, qos=1)
                changes = mqtt.observe(at(endpoint, "t"))
                assert await anext(changes) == 1
            with pytest.raises(DeviceOffline):
                await anext(changes)
            with pytest.raises(DeviceOffline, match="cannot be reached"):
                await mqtt.read(at(endpoint, "t"))
            async with mosquitto(tmp_path, port=endpoint.port), lamp(endpoint) as client:
                await client.publish("t", "2", retain=True, qos=1)
                assert await mqtt.read(at(endpoint, "t")) == 2


@needs_broker
async def test_a_locked_broker(tmp_path: Path) -> None:
    vault = Vault(right=f"{USER}:{PASSWORD}", wrong=f"{USER}:nope", named=PASSWORD)
    async with mosquitto(tmp_path, locked=True) as endpoint, running(vault) as mqtt:
        with anyio.fail_after(20):
            with pytest.raises(CredentialMissing, match="wants a user name") as missing:
                await mqtt.read(at(endpoint, "t"))
            assert not isinstance(missing.value, CredentialWrong)
            with pytest.raises(CredentialWrong, match="refuses this user"):
                await mqtt.read(at(replace(endpoint, auth="basic", secret="wrong"), "t"))
            for secret, name in (("right", ""), ("named", USER)):
                open_to_us = replace(endpoint, auth="basic", secret=secret, auth_name=name)
                await mqtt.write(at(open_to_us, "t", **{"mqtt:retain": True}), "hello")
                assert await mqtt.read(at(open_to_us, "t")) == "hello"
            # the person gives the right password: the next call uses it
            vault["wrong"] = vault["right"]
            assert await mqtt.read(at(replace(endpoint, auth="basic", secret="wrong"), "t")) == "hello"


@needs_broker
async def test_discovery_brings_the_announcements_back(broker: Endpoint) -> None:
    async with running() as mqtt, lamp(broker) as client:
        await client.publish("homeassistant/light/a/config", '{"name": "A"}', retain=True, qos=1)
        await client.publish("homeassistant/sensor/node/b/config", '{"name": "B"}', retain=True, qos=1)
        await client.publish("homeassistant/switch/c/config", "not json", retain=True, qos=1)
        await client.publish("homeassistant/switch/d/config", "[" * 100_000, retain=True, qos=1)
        await client.publish("elsewhere/light/e/config", "{}", retain=True, qos=1)
        with anyio.fail_after(10):
            assert await mqtt.discover(broker, 5) == {
                "configs": {
                    "homeassistant/light/a/config": {"name": "A"},
                    "homeassistant/sensor/node/b/config": {"name": "B"},
                }
            }
            assert await mqtt.discover(broker, 5)  # and again: retained messages come with every subscription


@needs_broker
async def test_a_picture_is_no_state(broker: Endpoint) -> None:
    async with running() as mqtt, lamp(broker) as client:
        await client.publish("camera", bytes(300 * 1024), retain=True, qos=1)
        for _ in range(2):
            with anyio.fail_after(10), pytest.raises(AnswerTooLarge):
                await mqtt.read(at(broker, "camera"))


@needs_broker
async def test_forgetting_ends_observers_and_the_next_call_connects_anew(broker: Endpoint) -> None:
    async with running() as mqtt, lamp(broker) as client:
        await client.publish("t", "1", retain=True, qos=1)
        with anyio.fail_after(10):
            changes = mqtt.observe(at(broker, "t"))
            await anext(changes)
            await mqtt.forget(broker)
            with pytest.raises(DeviceOffline):
                await anext(changes)
            assert await mqtt.read(at(broker, "t")) == 1


async def test_nobody_there_is_offline_at_once(unused_port: int) -> None:
    async with running() as mqtt:
        with anyio.fail_after(2), pytest.raises(DeviceOffline, match="cannot be reached"):
            await mqtt.read(at(Endpoint("127.0.0.1", unused_port, "mqtt"), "t"))


async def test_before_it_runs_it_says_so() -> None:
    with pytest.raises(DeviceOffline, match="not running"):
        await Mqtt(Vault()).read(at(Endpoint("127.0.0.1", 1883, "mqtt"), "t"))


@pytest.mark.parametrize(
    "topic", ["", "#", "a/+/b", "home/#", "a+b", "$SYS/broker/uptime", "a\x00b", "\ud800", "x" * 600]
)
async def test_what_is_not_one_topic_is_refused(topic: str) -> None:
    mqtt = Mqtt(Vault())
    target = at(Endpoint("127.0.0.1", 1883, "mqtt"), topic)
    for refused in (mqtt.read(target), mqtt.write(target, 1), anext(mqtt.observe(target))):
        with pytest.raises(NotSupported):
            await refused


def test_the_door_is_cheap_to_import() -> None:
    script = "import sys, claw.protocols.mqtt; sys.exit('aiomqtt' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


@given(st.binary(max_size=200))
def test_any_payload_becomes_a_finite_json_value(payload: bytes) -> None:
    json.dumps(mqtt_payload.decode(payload), allow_nan=False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
)


@given(json_values)
def test_what_we_publish_reads_back_the_same(value: Any) -> None:
    assert mqtt_payload.decode(mqtt_payload.encode(value).encode()) == value


@given(st.text(min_size=1, max_size=40))
def test_an_accepted_topic_has_no_wildcard(text: str) -> None:
    try:
        topic = mqtt_payload.topic_of(text)
    except NotSupported:
        return
    assert topic == text
    assert not set(topic) & set("+#\x00")
