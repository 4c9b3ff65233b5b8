"""A HomeKit thermostat on HAP-python (the extra `demo`): a third-party stack behind a relay that can be ill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import anyio
import anyio.to_thread
from aiohttp import web

from claw.errors import SettingsError
from claw.model.json import Json, JsonObject
from claw.simulator.device import Device
from claw.simulator.ground import Ground
from claw.simulator.physics import Heat
from claw.simulator.relay import Relay

if TYPE_CHECKING:
    from pyhap.accessory_driver import AccessoryDriver  # type: ignore[import-untyped]

SETUP_CODE = "482-91-637"
OFF, HEAT = 0, 1
_INNER = 90  # the host number offset of HAP-python itself, behind the relay
_NOTICE = 2.0  # seconds between looks at the temperature while somebody is subscribed


class Thermostat(Device):
    """The hallway thermostat: drifts to its set point, cools when off."""

    def __init__(self, name: str, number: int, ground: Ground) -> None:
        super().__init__(name, number, ground)
        self.room = Heat(19.0, 20.0, gain=0.05, ambient=14.0, loss=7200.0)
        self.room.on = True
        self._mode = HEAT
        self._driver: AccessoryDriver | None = None
        inner = ground.block.host(number + _INNER)
        self._inner = (inner, 0)
        self._relay = Relay(self._inner, lambda: self.fault)
        self._ears = anyio.CancelScope()

    @property
    def mode(self) -> int:
        """Off or heating, in HomeKit's numbers."""
        return self._mode

    def routes(self) -> Sequence[web.RouteDef]:
        """None of ours: HAP-python serves."""
        return ()

    def describe(self) -> dict[str, Json]:
        """The general description and the set-up code."""
        return {**super().describe(), "setup_code": SETUP_CODE}

    def truth(self) -> JsonObject:
        """The air in the room."""
        now = self.ground.clock.now()
        return {
            "temperature": round(self.room.at(now), 3),
            "set_point": self.room.target,
            "mode": "heat" if self._mode == HEAT else "off",
            "heating": self.room.heating(now),
            "paired": self._driver is not None and self._driver.state.paired,
        }

    async def open(self) -> None:
        """Start HAP-python behind the relay; it announces itself."""
        self._relay = Relay(self._inner, lambda: self.fault)
        port = await self._relay.open(self.address, self.ports.get("hap", 0))
        self.ports["hap"] = port
        await self._relay.close()
        driver = self._build(port)
        self._relay = Relay((self._inner[0], port), lambda: self.fault)
        await self._relay.open(self.address, port)
        await driver.async_start()
        self._driver = driver
        self._ears = anyio.CancelScope()
        self.ground.tasks.start_soon(self._report, driver, self._ears)

    async def announce(self) -> None:
        """HAP-python has done it."""

    async def close(self) -> None:
        """Stop HAP-python and the relay."""
        await self._relay.close()
        driver, self._driver = self._driver, None
        if driver is not None:
            self._ears.cancel()
            # HAP-python writes a fresh pairing in the background; whoever opens next must find it
            await anyio.to_thread.run_sync(driver.persist)
            await driver.async_stop()

    def command(self, *, target: float | None = None, mode: int | None = None) -> None:
        """What a controller wrote."""
        if self.fault.mute:
            return
        now = self.ground.clock.now()
        if target is not None:
            self.room.set(now, target=target)
        if mode is not None:
            self._mode = HEAT if mode == HEAT else OFF
            self.room.set(now, on=self._mode == HEAT)

    def _build(self, port: int) -> AccessoryDriver:
        try:
            from claw.simulator.hap_accessory import build  # noqa: PLC0415 - the extra `demo`
        except ImportError as error:
            raise SettingsError(
                "The simulated thermostat needs HAP-python; install it with: pip install 'claw[demo]'."
            ) from error
        return build(self, self._inner[0], port, SETUP_CODE)

    async def _report(self, driver: AccessoryDriver, ears: anyio.CancelScope) -> None:
        """Push what changed while a controller listens; a look costs nothing, and nobody listening costs less."""
        with ears:
            while True:
                await self.ground.clock.sleep(_NOTICE)
                if driver.topics:
                    driver.accessory.refresh()
