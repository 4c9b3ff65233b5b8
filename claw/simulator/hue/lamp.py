"""A lamp: what the bridge has told it, and the light that really comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from claw.model.json import JsonObject
from claw.simulator.clock import Clock
from claw.simulator.hue.color import hue_of, xy_of, xy_of_mirek
from claw.simulator.physics import Ramp

FULL = 254
MIREK = (153, 500)
_FADE = 0.4  # seconds from dark to full, the bridge's default transition
_STANDBY = 0.4  # watts


@dataclass(frozen=True, slots=True)
class Product:
    """One model of lamp. `watts`: at full light."""

    model: str
    name: str
    type: str
    archetype: str
    watts: float
    dims: bool = True
    white: bool = False
    color: bool = False


COLOR = Product("LCA001", "Hue color lamp", "Extended color light", "sultan_bulb", 10.0, white=True, color=True)
AMBIANCE = Product("LTA001", "Hue ambiance lamp", "Color temperature light", "sultan_bulb", 8.5, white=True)
WHITE = Product("LWA001", "Hue white lamp", "Dimmable light", "classic_bulb", 9.0)
PLUG = Product("LOM001", "Hue smart plug", "On/Off plug-in unit", "plug", 12.0, dims=False)


class Lamp:
    """One lamp. `bri` is 1..254 and survives off; `mode` is ct, hs or xy. Listeners hear before light changes.

    `on_mains` is called after it has lost its mains or got them back.
    """

    def __init__(self, number: int, name: str, room: str, product: Product, clock: Clock) -> None:
        self.number = number
        self.name = name
        self.room = room
        self.product = product
        self.on = False
        self.bri = FULL
        self.mirek = 366
        self.hue = 0
        self.sat = 0
        self.mode = "ct" if product.white else ""
        self.xy = xy_of_mirek(self.mirek)
        self.powered = True
        self.on_mains: list[Callable[[], None]] = []
        self.before_change: list[Callable[[], None]] = []
        self._clock = clock
        self._light = Ramp(0.0, 1 / _FADE)

    def switch(self, *, on: bool) -> None:
        """On or off, at the kept brightness."""
        self.on = on
        self._shine()

    def dim(self, bri: int) -> None:
        """Set the brightness (1..254)."""
        self.bri = max(1, min(FULL, bri))
        self._shine()

    def warm(self, mirek: int) -> None:
        """Show white."""
        self.mirek = max(MIREK[0], min(MIREK[1], mirek))
        self.mode, self.xy = "ct", xy_of_mirek(self.mirek)

    def tint(self, hue: int, sat: int) -> None:
        """Show a colour by hue (0..65535) and saturation (0..254)."""
        self.hue, self.sat, self.mode = hue, sat, "hs"
        self.xy = xy_of(hue / 65535, sat / FULL)

    def paint(self, x: float, y: float) -> None:
        """Show a colour by xy."""
        self.xy, self.mode = (round(x, 4), round(y, 4)), "xy"
        hue, saturation = hue_of(x, y)
        self.hue, self.sat = round(hue * 65535), round(saturation * FULL)

    def mains(self, *, on: bool) -> None:
        """Give it mains, or pull the plug on it."""
        if on == self.powered:
            return
        self.powered = on
        self._shine()
        for listener in self.on_mains:
            listener()

    def light(self) -> float:
        """The light that comes out now, 0..1."""
        return self._light.at(self._clock.now()) if self.powered else 0.0

    def watts(self) -> float:
        """What it draws now."""
        return _STANDBY + self.product.watts * self.light() if self.powered else 0.0

    def truth(self) -> JsonObject:
        """The physical lamp."""
        return {
            "name": self.name,
            "lit": self.light() > 0,
            "light": round(self.light(), 4),
            "watts": round(self.watts(), 2),
            "powered": self.powered,
            "mode": self.mode,
            "xy": list(self.xy) if self.mode else None,
            "mirek": self.mirek if self.mode == "ct" else None,
        }

    def _shine(self) -> None:
        for listener in self.before_change:
            listener()
        target = (self.bri / FULL if self.product.dims else 1.0) if self.on and self.powered else 0.0
        self._light.go(target, self._clock.now())
