"""A HomeKit bridge on HAP-python: `python hap_bridge.py ADDRESS PORT CODE STATE_FILE`.

Prints `NAME CHARACTERISTIC VALUE` for every value that a controller writes, and `NAME is VALUE` when the shade stops.
A line `NAME CHARACTERISTIC VALUE` on standard input changes a value by hand, as somebody at the device would.
"""

from __future__ import annotations

import sys
import threading
from functools import partial
from typing import Any

from pyhap.accessory import Accessory, Bridge
from pyhap.accessory_driver import AccessoryDriver

STEP = 25

say = partial(print, flush=True)


class Told(Accessory):
    """Prints what controllers write."""

    def add(self, service: str, **values: Any) -> dict[str, Any]:
        made = self.add_preload_service(service, chars=list(values))
        return {
            name: made.configure_char(name, value=value, setter_callback=lambda v, n=name: self.told(n, v))
            for name, value in values.items()
        }

    def told(self, name: str, value: Any) -> None:
        say(self.display_name, name, value)


class Light(Told):
    """Dimmable."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.chars = self.add("Lightbulb", On=False, Brightness=40)


class Thermostat(Told):
    """Heats."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.chars = self.add(
            "Thermostat",
            CurrentTemperature=19.5,
            TargetTemperature=21.0,
            TargetHeatingCoolingState=1,
            CurrentHeatingCoolingState=1,
        )


class Shade(Told):
    """Moves STEP percent at a time towards its target."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.chars = self.add("WindowCovering", CurrentPosition=0, TargetPosition=0, PositionState=2)

    @Accessory.run_at_interval(0.3)
    async def run(self) -> None:
        current, target, state = (self.chars[name] for name in ("CurrentPosition", "TargetPosition", "PositionState"))
        way = target.value - current.value
        state.set_value(1 if way > 0 else 0 if way < 0 else 2)
        if way:
            current.set_value(current.value + max(-STEP, min(STEP, way)))
            if current.value == target.value:
                say(self.display_name, "is", current.value)


def by_hand(driver: AccessoryDriver, accessories: dict[str, Told]) -> None:
    """Do what standard input says."""
    for line in sys.stdin:
        name, characteristic, value = line.rstrip("\n").rsplit(" ", 2)
        driver.loop.call_soon_threadsafe(accessories[name].chars[characteristic].set_value, float(value))


def main(address: str, port: str, code: str, state: str) -> None:
    driver = AccessoryDriver(
        address=address, port=int(port), pincode=code.encode(), persist_file=state, interface_choice=[address]
    )
    bridge = Bridge(driver, "Upstairs Bridge")
    made: dict[str, Told] = {
        "Hall Light": Light(driver, "Hall Light"),
        "Thermostat": Thermostat(driver, "Thermostat"),
        "Bedroom Shade": Shade(driver, "Bedroom Shade"),
    }
    for accessory in made.values():
        bridge.add_accessory(accessory)
    driver.add_accessory(bridge)
    threading.Thread(target=by_hand, args=(driver, made), daemon=True).start()
    driver.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
