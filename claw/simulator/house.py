"""The whole simulated house: every device on its own loopback address, one clock, one street."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Collection, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

import anyio

from claw.errors import InvalidValue, NotFound
from claw.model.json import Json, JsonObject
from claw.simulator.addresses import claim
from claw.simulator.aquarium import AquariumLamp
from claw.simulator.camera import Camera, Login
from claw.simulator.clock import Clock, RealClock
from claw.simulator.device import Device
from claw.simulator.fault import Fault
from claw.simulator.ground import Ground
from claw.simulator.hue.bridge import HueBridge
from claw.simulator.mdns import Mdns
from claw.simulator.picture import View
from claw.simulator.plug import ShellyPlug
from claw.simulator.pool import PoolController
from claw.simulator.scene import Scene
from claw.simulator.shades import ShadeGateway
from claw.simulator.sonos.household import Household
from claw.simulator.sonos.player import SonosPlayer
from claw.simulator.ssdp import Ssdp
from claw.simulator.thermostat import Thermostat

HUE, KITCHEN, LIVING, THERMOSTAT, SHADES = "hue", "sonos-kitchen", "sonos-living-room", "thermostat", "shades"
POOL, PLUG, STREET, DRIVEWAY, AQUARIUM = "pool", "plug", "camera-street", "camera-driveway", "aquarium"
NAMES = (HUE, KITCHEN, LIVING, THERMOSTAT, SHADES, POOL, PLUG, STREET, DRIVEWAY, AQUARIUM)
LOGIN = Login("viewer", "garden-gate")
_FIRST_HOST = 10


class Faults:
    """Switches faults on and off, device by device."""

    def __init__(self, devices: Mapping[str, Device]) -> None:
        self._devices = devices

    async def set(self, name: str, fault: Fault) -> None:
        """Make a device ill in this way and no other; returns when it is so. Raises NotFound."""
        device = self._devices.get(name)
        if device is None:
            raise NotFound(f"No simulated device {name!r}; there are {', '.join(self._devices)}.")
        await device.apply(fault)

    async def clear(self, name: str) -> None:
        """Make a device well again."""
        await self.set(name, Fault())


class SimulatedHouse:
    """The house; an async context manager. Entering returns once every socket is open and announced.

    `clock`: the physics' time. `seed`: the grain of the pictures. `address_base`: a block such as `127.0.0.`; by
    default the first free one. `only`: the names of the devices wanted, by default all. `held`: the Hue bridge's
    link button counts as pressed. Raises SettingsError when the addresses or the extra `demo` are missing.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        seed: int = 0,
        address_base: str | None = None,
        only: Collection[str] | None = None,
        held: bool = False,
    ) -> None:
        if unknown := set(only or ()) - set(NAMES):
            raise InvalidValue(f"No simulated device {unknown.pop()!r}; there are {', '.join(NAMES)}.")
        self.devices: dict[str, Device] = {}
        self.faults = Faults(self.devices)
        self.clock = clock or RealClock()
        self.scene = Scene(self.clock)
        self._seed = seed
        self._base = address_base
        self._only = tuple(name for name in NAMES if only is None or name in only)
        self._held = held
        self._stack = AsyncExitStack()
        self._scope: anyio.CancelScope | None = None

    async def __aenter__(self) -> Self:
        self._scope = self._stack.enter_context(anyio.CancelScope())
        try:
            await self._move_in()
        except BaseException:
            await self._move_out()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # closed without the error, so that it reaches the caller as it was raised and not in a group
        await self._move_out()

    async def _move_out(self) -> None:
        if self._scope is not None:
            self._scope.shield = True  # being cancelled is a reason to leave, not to leave a mess
        await self._stack.aclose()

    async def _move_in(self) -> None:
        stack = self._stack
        block = claim(self._base)
        stack.callback(block.close)
        # HAP-python may still be writing there when the house is left
        folder = tempfile.TemporaryDirectory(prefix="claw-house-", ignore_cleanup_errors=True)
        stack.enter_context(folder)
        tasks = anyio.create_task_group()
        mdns = await stack.enter_async_context(Mdns())
        ssdp = await stack.enter_async_context(Ssdp())
        # the block is what tells houses that live at the same time apart
        serial = "".join(f"{int(part):02x}" for part in block.base.split(".")[1:3])
        ground = Ground(self.clock, mdns, ssdp, block, tasks, Path(folder.name), serial, self._seed)
        self.devices.update(self._build(ground))
        for device in self.devices.values():
            stack.push_async_callback(device.stop)
        # innermost: what runs in it may end, however it ends, before anything is closed
        await stack.enter_async_context(tasks)
        stack.callback(tasks.cancel_scope.cancel)
        for device in self.devices.values():
            await device.start()

    def truth(self) -> JsonObject:
        """What is physically so in the whole house, by device name; `scene` is the street."""
        return {**{name: device.truth() for name, device in self.devices.items()}, "scene": self.scene.truth()}

    def describe(self) -> dict[str, Json]:
        """Addresses, ports, set-up codes and logins by device name."""
        return {name: device.describe() for name, device in self.devices.items()}

    def press(self, name: str) -> None:
        """Press the button on a device. Raises NotFound where there is none."""
        device = self.devices.get(name)
        if not isinstance(device, HueBridge):
            raise NotFound(f"{name!r} has no button; only the Hue bridge ({HUE}) has one.")
        device.press()

    def mains(self, name: str, lamp: str, *, on: bool) -> None:
        """Give a lamp of the bridge mains, or take them away. `lamp`: its number or its name. Raises NotFound."""
        device = self.devices.get(name)
        lamps = device.lamps if isinstance(device, HueBridge) else ()
        found = next((each for each in lamps if lamp.lower() in (str(each.number), each.name.lower())), None)
        if found is None:
            there = ", ".join(each.name for each in lamps) or f"none but those of {HUE}"
            raise NotFound(f"{name!r} has no lamp {lamp!r} to unplug; there are: {there}.")
        found.mains(on=on)

    def _build(self, ground: Ground) -> dict[str, Device]:
        """Devices at fixed places in the block, whichever are wanted, so that addresses do not depend on that."""
        place = {name: _FIRST_HOST + index for index, name in enumerate(NAMES)}
        household = Household(f"{ground.serial}simulated")
        wanted = set(self._only)
        devices: dict[str, Device] = {}
        if wanted & {HUE, PLUG}:
            bridge = HueBridge(HUE, place[HUE], ground, held=self._held)
            desk = bridge.lamps[-1]
            plug = ShellyPlug(PLUG, place[PLUG], ground, desk)
            desk.before_change.append(plug.settle)
            devices |= {HUE: bridge, PLUG: plug}
        for name, room in ((KITCHEN, "Kitchen"), (LIVING, "Living Room")):
            if name in wanted:
                devices[name] = SonosPlayer(name, place[name], ground, room=room, household=household)
        views = {STREET: (View("Street camera"), None), DRIVEWAY: (View("Driveway camera", 0.35, 1.5), LOGIN)}
        for name, (view, login) in views.items():
            if name in wanted:
                devices[name] = Camera(name, place[name], ground, scene=self.scene, view=view, login=login)
        simple: dict[str, Callable[[str, int, Ground], Device]] = {
            THERMOSTAT: Thermostat,
            SHADES: ShadeGateway,
            POOL: PoolController,
            AQUARIUM: AquariumLamp,
        }
        devices |= {name: make(name, place[name], ground) for name, make in simple.items() if name in wanted}
        return {name: devices[name] for name in self._only}
