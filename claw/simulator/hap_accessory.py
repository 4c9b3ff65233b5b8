"""The thermostat as HAP-python knows it. The only file that imports pyhap."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from pyhap.accessory import Accessory  # type: ignore[import-untyped]
from pyhap.accessory_driver import AccessoryDriver  # type: ignore[import-untyped]
from pyhap.const import CATEGORY_THERMOSTAT  # type: ignore[import-untyped]
from zeroconf import ServiceInfo

if TYPE_CHECKING:
    from claw.simulator.mdns import Mdns
    from claw.simulator.thermostat import Thermostat


class ThermostatAccessory(Accessory):  # type: ignore[misc]  # pyhap is untyped
    """The HomeKit face of a simulated thermostat; every value is read off the physics."""

    category = CATEGORY_THERMOSTAT

    def __init__(self, driver: AccessoryDriver, thermostat: Thermostat) -> None:
        super().__init__(driver, "Hallway thermostat")
        new = thermostat.fault.new_firmware
        serial = f"TH{thermostat.mac.upper()}"
        self.set_info_service(
            firmware_revision="3.0.0" if new else "2.4.1", manufacturer="Simhaus", model="ST-1", serial_number=serial
        )
        if new:  # a service that moves every later iid, as updates do
            self.add_preload_service("HumiditySensor").configure_char("CurrentRelativeHumidity", value=44.0)
        service = self.add_preload_service("Thermostat", chars=["CurrentRelativeHumidity"])
        clock, room = thermostat.ground.clock, thermostat.room
        self.live = [
            service.configure_char("CurrentTemperature", getter_callback=lambda: round(room.at(clock.now()), 1)),
            service.configure_char(
                "CurrentHeatingCoolingState", getter_callback=lambda: int(room.heating(clock.now()))
            ),
        ]
        service.configure_char("CurrentRelativeHumidity", value=44.0)
        service.configure_char("TemperatureDisplayUnits", value=0)
        target = service.configure_char(
            "TargetTemperature", setter_callback=lambda value: thermostat.command(target=float(value))
        )
        mode = service.configure_char(
            "TargetHeatingCoolingState",
            properties={"ValidValues": {"Off": 0, "Heat": 1}},
            setter_callback=lambda value: thermostat.command(mode=int(value)),
        )
        target.getter_callback = lambda: room.target
        mode.getter_callback = lambda: thermostat.mode
        for characteristic in (*self.live, target, mode):
            characteristic.value = characteristic.getter_callback()

    def refresh(self) -> None:
        """Bring sensor values up to date, which notifies subscribers of those that changed."""
        for characteristic in self.live:
            characteristic.set_value(characteristic.getter_callback())

    def setup_message(self) -> None:
        """Print nothing: the house tells the set-up code."""


class _Advertiser:
    """The house's announcer, in the shape that HAP-python wants; closing it closes nothing of the house's."""

    def __init__(self, mdns: Mdns) -> None:
        self._mdns = mdns

    async def async_register_service(self, info: ServiceInfo, **_options: object) -> None:
        """Announce the accessory."""
        await self._mdns.register(info)

    async def async_update_service(self, info: ServiceInfo) -> None:
        """Announce that it was paired or unpaired."""
        await self._mdns.update(info)

    async def async_unregister_service(self, info: ServiceInfo) -> None:
        """Say goodbye."""
        await self._mdns.unregister(info)

    async def async_close(self) -> None:
        """Leave the shared one open."""


def build(thermostat: Thermostat, inner: str, port: int, code: str) -> AccessoryDriver:
    """A driver listening on `inner`, announced at the thermostat's address; pairings live in the house's folder."""
    ground = thermostat.ground
    mac = ":".join(thermostat.mac.upper()[i : i + 2] for i in range(0, 12, 2))
    driver = AccessoryDriver(
        address=thermostat.address,
        listen_address=inner,
        advertised_address=thermostat.address,
        port=port,
        pincode=code.encode(),
        mac=mac,
        persist_file=str(ground.folder / f"{thermostat.name}.state"),
        loop=asyncio.get_running_loop(),
        async_zeroconf_instance=_Advertiser(ground.mdns),
    )
    driver.add_accessory(ThermostatAccessory(driver, thermostat))
    # the persisted state remembers the address of its first day
    driver.state.addresses = [thermostat.address]
    driver.state.port = port
    return driver
