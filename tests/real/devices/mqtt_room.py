"""A room's controller on ha-mqtt-discoverable: `python mqtt_room.py HOST PORT USER PASSWORD`.

Prints `ENTITY PAYLOAD` for every command that it gets, `ready` when all is announced, and `blind is STATE` when the
blind has come to rest. It takes a while to move. A line `temperature VALUE` on standard input changes its sensor.
"""

from __future__ import annotations

import json
import sys
import threading
from functools import partial
from typing import Any

from ha_mqtt_discoverable import DeviceInfo, Settings
from ha_mqtt_discoverable.sensors import (
    Cover,
    CoverInfo,
    Light,
    LightInfo,
    Number,
    NumberInfo,
    Sensor,
    SensorInfo,
    Switch,
    SwitchInfo,
)

TRAVEL = 0.6  # seconds

say = partial(print, flush=True)


def said(message: Any, entity: str) -> str:
    text = str(message.payload.decode())
    say(entity, text)
    return text


class Room:
    """Five entities of one device."""

    def __init__(self, host: str, port: str, user: str, password: str) -> None:
        broker = Settings.MQTT(host=host, port=int(port), username=user, password=password)
        device = DeviceInfo(name="Garden Room", identifiers="garden-room-1", manufacturer="Nobody", model="RC-1")

        def settings(entity: Any) -> Any:
            return Settings(mqtt=broker, entity=entity)

        about: dict[str, Any] = {"device": device}
        light = LightInfo(name="Ceiling lamp", unique_id="gr_light", brightness=True, **about)
        self.light = Light(settings(light), self.on_light)
        self.blind = Cover(settings(CoverInfo(name="Blind", unique_id="gr_blind", **about)), self.on_blind)
        self.pump = Switch(settings(SwitchInfo(name="Pump", unique_id="gr_pump", **about)), self.on_pump)
        number = NumberInfo(name="Target temperature", unique_id="gr_target", min=5, max=30, step=0.5, **about)
        self.target = Number(settings(number), self.on_target)
        sensor = SensorInfo(
            name="Temperature", unique_id="gr_temp", device_class="temperature", unit_of_measurement="°C", **about
        )
        self.temperature = Sensor(settings(sensor))
        self.moving: threading.Timer | None = None
        self.light.off()
        self.blind.closed()
        self.pump.off()
        self.target.set_value(20)
        self.temperature.set_state(19.5)

    def on_light(self, _client: Any, _data: Any, message: Any) -> None:
        order = json.loads(said(message, "light"))
        if order.get("state") == "OFF":
            self.light.off()
        elif "brightness" in order:
            self.light.brightness(order["brightness"])
        else:
            self.light.on()

    def on_blind(self, _client: Any, _data: Any, message: Any) -> None:
        order = said(message, "blind")
        if self.moving:
            self.moving.cancel()
        if order == "STOP":
            self.blind.stopped()
            return
        (self.blind.opening if order == "OPEN" else self.blind.closing)()
        self.moving = threading.Timer(TRAVEL, self.rest, (order,))
        self.moving.start()

    def rest(self, order: str) -> None:
        (self.blind.open if order == "OPEN" else self.blind.closed)()
        say("blind is", "open" if order == "OPEN" else "closed")

    def on_pump(self, _client: Any, _data: Any, message: Any) -> None:
        (self.pump.on if said(message, "pump") == "ON" else self.pump.off)()

    def on_target(self, _client: Any, _data: Any, message: Any) -> None:
        self.target.set_value(float(said(message, "target")))


if __name__ == "__main__":
    room = Room(*sys.argv[1:])
    say("ready")
    for line in sys.stdin:
        room.temperature.set_state(float(line.split()[1]))
