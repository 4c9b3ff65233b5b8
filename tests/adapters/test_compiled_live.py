"""From what a device says about itself to driving it: evidence, compiler, document, wire, and the read-back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import anyio
import pytest
from aiomqtt import Client

from claw.adapters import codec, document, forms
from claw.adapters.adapter import UnitModel
from claw.adapters.propose_hap import propose as propose_hap
from claw.adapters.propose_mqtt import propose as propose_mqtt
from claw.model.form import Endpoint, Target
from claw.model.json import Json
from claw.protocols.binding import Binding
from claw.protocols.hap import Hap
from claw.protocols.mqtt import Mqtt
from tests.adapters.ha_configs import CONFIGS
from tests.protocols.hap_zoo import CODE, Vault, zoo
from tests.protocols.mosquitto import mosquitto


class Driven:
    """A unit on its wire, in human units."""

    def __init__(self, binding: Binding, endpoint: Endpoint, unit: UnitModel) -> None:
        self.binding, self.endpoint, self.unit = binding, endpoint, unit

    async def read(self, name: str) -> Json:
        bound = self.unit.properties[name]
        assert bound.read is not None
        form, _ = forms.fill(bound.read, {})
        answer = await self.binding.read(Target(self.endpoint, form))
        return codec.decode(bound.codec, forms.select(bound.read.select, answer))

    async def write(self, name: str, value: Json) -> None:
        bound = self.unit.properties[name]
        assert bound.write is not None
        form, payload = forms.fill(bound.write, {}, codec.encode(bound.codec, value))
        await self.binding.write(Target(self.endpoint, form), payload)

    async def becomes(self, name: str, value: Json) -> None:
        """Follow what the device pushes until it says `value`."""
        bound = self.unit.properties[name]
        assert bound.observe is not None
        form, _ = forms.fill(bound.observe, {})
        with anyio.fail_after(20):
            async for answer in self.binding.observe(Target(self.endpoint, form)):
                if codec.decode(bound.codec, forms.select(bound.observe.select, answer)) == value:
                    return


@pytest.mark.real
async def test_a_homekit_bridge_drives_by_its_compiled_document(tmp_path: Path) -> None:
    async with zoo(tmp_path) as bridge:
        hap = Hap(Vault())
        await hap.pair(bridge.endpoint, CODE)
        database = await hap.accessories(bridge.endpoint)
        assert isinstance(database, dict)
        (made,) = propose_hap({**database, "id": "AA:BB:CC:DD:EE:FF"})
        units = {unit.title: Driven(hap, bridge.endpoint, unit) for unit in document.parse(made).units.values()}
        assert set(units) == {"Hall Light", "Thermostat", "Bedroom Shade", "Front Door", "Far Sensor"}

        light = units["Hall Light"]
        for name, value in (("on_off", True), ("brightness", 62), ("color", {"hue": 240, "saturation": 90})):
            await light.write(name, value)
            assert await light.read(name) == value
        thermostat = units["Thermostat"]
        assert await thermostat.read("temperature") == 19
        await thermostat.write("target_temperature", 22.5)
        await thermostat.write("mode", "cool")
        assert [await thermostat.read(name) for name in ("target_temperature", "mode")] == [22.5, "cool"]
        door = units["Front Door"]
        assert await door.read("locked") is True
        await door.write("locked", value=False)
        assert await door.read("locked") is False
        shade = units["Bedroom Shade"]
        await shade.write("position", 40)
        assert await shade.read("position") != 40  # it has only just begun to move
        await shade.becomes("position", 40)
        await hap.aclose()


@asynccontextmanager
async def lamp(endpoint: Endpoint) -> AsyncIterator[Client]:
    """A lamp that announces itself, and does what its topic says."""
    key = "homeassistant/light/lamp/config"
    async with Client(endpoint.host, endpoint.port) as client, anyio.create_task_group() as tasks:
        await client.subscribe("room/lamp/set")
        await client.publish(key, json.dumps(CONFIGS[key]), retain=True, qos=1)
        await client.publish("room/lamp/here", "online", retain=True, qos=1)
        state = {"state": "OFF", "brightness": 10}

        async def obey() -> None:
            async for message in client.messages:
                state.update(json.loads(message.payload))  # type: ignore[arg-type]
                await client.publish("room/lamp/state", json.dumps(state), retain=True)

        await client.publish("room/lamp/state", json.dumps(state), retain=True, qos=1)
        tasks.start_soon(obey)
        yield client
        tasks.cancel_scope.cancel()


@pytest.mark.requires("mosquitto")
@pytest.mark.real
async def test_an_announced_lamp_drives_by_its_compiled_document(tmp_path: Path) -> None:
    mqtt = Mqtt(Vault())
    async with mosquitto(tmp_path) as endpoint, lamp(endpoint), anyio.create_task_group() as tasks:
        await tasks.start(mqtt.run)
        (made,) = propose_mqtt(await mqtt.discover(endpoint, 5))
        (unit,) = document.parse(made).units.values()
        light = Driven(mqtt, endpoint, unit)
        assert [await light.read(name) for name in ("on_off", "brightness")] == [False, 10]
        await light.write("on_off", value=True)
        await light.becomes("on_off", value=True)
        await light.write("brightness", 77)
        await light.becomes("brightness", 77)
        assert await light.read("brightness") == 77
        await mqtt.aclose()
        tasks.cancel_scope.cancel()
