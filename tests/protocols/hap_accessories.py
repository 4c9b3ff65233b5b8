"""A HomeKit bridge by HAP-python, run as `python hap_accessories.py PERSIST_FILE`; JSON lines on stdin and stdout.

Out: {"port": n}, {"get": ids} for each read request, {"set": [accessory, characteristic, value]} for each write.
In: {"set": [accessory, characteristic, value]} changes a value by hand; {"drop": true} hangs up on every controller.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
from typing import Any

from pyhap.accessory import Accessory, Bridge
from pyhap.accessory_driver import AccessoryDriver
from pyhap.hap_handler import HAPServerHandler
from pyhap.hap_server import HAPServer
from zeroconf.asyncio import AsyncZeroconf

CODE = "031-45-154"
STEP = 20


def say(**line: Any) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


class Told(Accessory):
    """Reports what controllers write."""

    def add(self, service: str, chars: dict[str, Any], **preload: Any) -> dict[str, Any]:
        made = self.add_preload_service(service, chars=list(chars), **preload)
        return {
            name: made.configure_char(name, value=value, setter_callback=lambda v, n=name: self.told(n, v))
            for name, value in chars.items()
        }

    def told(self, name: str, value: Any) -> None:
        say(set=[self.display_name, name, value])


class Shade(Told):
    """Moves STEP percent a tick towards its target."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.chars = self.add("WindowCovering", {"CurrentPosition": 0, "TargetPosition": 0, "PositionState": 2})

    @Accessory.run_at_interval(0.6)  # HAP-python sends events at most every half second
    async def run(self) -> None:
        current, target, state = (self.chars[n] for n in ("CurrentPosition", "TargetPosition", "PositionState"))
        way = target.value - current.value
        state.set_value(2 if not way else 1 if way > 0 else 0)
        if way:
            current.set_value(current.value + max(-STEP, min(STEP, way)))


class Far(Told):
    """Behind the bridge, and out of its reach."""

    available = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.add("TemperatureSensor", {"CurrentTemperature": 7.0})


class Lock(Told):
    """Turns at once."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.chars = self.add("LockMechanism", {"LockCurrentState": 1, "LockTargetState": 1})

    def told(self, name: str, value: Any) -> None:
        super().told(name, value)
        self.chars["LockCurrentState"].set_value(value)


class Server(HAPServer):
    """Takes any free port and announces that one."""

    async def async_start(self, loop: asyncio.AbstractEventLoop) -> None:
        await super().async_start(loop)
        self.accessory_handler.state.port = self.server.sockets[0].getsockname()[1]


def bridge(driver: AccessoryDriver) -> Bridge:
    made = Bridge(driver, "Test Bridge")
    made.setup_message = lambda: None  # stdout is ours
    light = Told(driver, "Hall Light")
    light.add("Lightbulb", {"On": False, "Brightness": 40, "Hue": 30, "Saturation": 50})
    thermostat = Told(driver, "Thermostat")
    thermostat.add(
        "Thermostat",
        {
            "CurrentTemperature": 19.0,
            "TargetTemperature": 21.0,
            "TargetHeatingCoolingState": 1,
            "CurrentHeatingCoolingState": 1,
            "CurrentRelativeHumidity": 45,
        },
    )
    others = (Shade(driver, "Bedroom Shade"), Lock(driver, "Front Door"), Far(driver, "Far Sensor"))
    for accessory in (light, thermostat, *others):
        made.add_accessory(accessory)
    return made


def count_reads() -> None:
    inner = HAPServerHandler.handle_get_characteristics

    def counted(self: HAPServerHandler) -> Any:
        say(get=str(self.path).partition("id=")[2].split(","))
        return inner(self)

    HAPServerHandler.handle_get_characteristics = counted


async def listen(driver: AccessoryDriver) -> None:
    reader = asyncio.StreamReader()
    await driver.loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        order = json.loads(line)
        if "set" in order:
            name, characteristic, value = order["set"]
            accessory = next(a for a in driver.accessory.accessories.values() if a.display_name == name)
            service = next(s for s in accessory.services if s.display_name != "AccessoryInformation")
            service.get_characteristic(characteristic).set_value(value)
        elif "drop" in order:
            for connection in list(driver.http_server.connections.values()):
                connection.close()


async def main() -> None:
    loop = asyncio.get_running_loop()
    driver = AccessoryDriver(
        address="127.0.0.1",
        port=1,
        pincode=CODE.encode(),
        persist_file=sys.argv[1],
        loop=loop,
        async_zeroconf_instance=AsyncZeroconf(interfaces=["127.0.0.1"]),
    )
    driver.http_server = Server(("127.0.0.1", 0), driver)
    driver.add_accessory(bridge(driver))
    count_reads()
    await driver.async_start()
    say(port=driver.state.port)
    loop.add_signal_handler(signal.SIGTERM, lambda: os._exit(0))
    await listen(driver)


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR, stream=sys.stderr)
    asyncio.run(main())
