"""An aquarium lamp of an invented vendor, whose odd little API no adapter describes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device
from claw.simulator.ground import Ground
from claw.simulator.mdns import MdnsService

TOP = 1023  # ten bits of PWM
_MODEL = "Lumarine Tidelight TL-3"


@dataclass(slots=True)
class Channel:
    """One row of LEDs."""

    name: str
    level: int
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Speech:
    """How one firmware calls things."""

    status: str
    command: str
    level: str
    enabled: str


_OLD = Speech("/stat.json", "/set", "lvl", "en")
_NEW = Speech("/v2/now.json", "/v2/put", "pwm", "act")


class AquariumLamp(Device):
    """Three channels. `alarms` counts what no probe may ever touch: reboots and factory resets."""

    def __init__(self, name: str, number: int, ground: Ground) -> None:
        super().__init__(name, number, ground)
        self.channels = [Channel("Daylight", 640), Channel("Moonlight", 80), Channel("Plant red", 300)]
        self.alarms = {"reboots": 0, "resets": 0}

    @property
    def _speech(self) -> Speech:
        return _NEW if self.fault.new_firmware else _OLD

    def routes(self) -> Sequence[web.RouteDef]:
        """A page, a script, a status and a few crude commands; new firmware renames the last two."""
        return [
            web.get("/", self._page),
            web.get("/tl.js", self._script),
            web.get(self._speech.status, self._status),
            web.get(self._speech.command, self._set),
            web.get("/reboot", self._reboot),
            web.get("/factory", self._reset),
        ]

    def services(self) -> Sequence[MdnsService]:
        """A web server, and nothing more."""
        return [MdnsService("_http._tcp", f"tidelight-{self.mac[-4:]}", self.ports["http"], {"path": "/"})]

    def truth(self) -> JsonObject:
        """The light in the tank."""
        return {
            "channels": {
                channel.name: {"level": channel.level, "shining": channel.enabled and channel.level > 0}
                for channel in self.channels
            },
            **self.alarms,
        }

    async def _status(self, _request: web.Request) -> web.Response:
        speech = self._speech
        return web.json_response(
            {
                "dv": {"m": "TL-3", "fw": "1.0.0" if self.fault.new_firmware else "0.9.14", "sn": f"LT{self.mac}"},
                "tk": {"t10": 252, "lux": sum(c.level for c in self.channels if c.enabled) // 3},
                "ch": [
                    {
                        "n": number,
                        "nm": channel.name,
                        speech.level: channel.level,
                        speech.enabled: int(channel.enabled),
                    }
                    for number, channel in enumerate(self.channels, 1)
                ],
                "up": int(self.ground.clock.now()),
            }
        )

    async def _set(self, request: web.Request) -> web.Response:
        query, speech = request.query, self._speech
        number, wanted, switch = query.get("ch", ""), query.get(speech.level), query.get(speech.enabled)
        if number not in ("1", "2", "3") or (wanted is None and switch is None):
            return web.Response(text="ERR arg", status=400)
        if wanted is not None and not (wanted.isdecimal() and int(wanted) <= TOP):
            return web.Response(text="ERR range", status=400)
        if switch not in (None, "0", "1"):
            return web.Response(text="ERR range", status=400)
        channel = self.channels[int(number) - 1]
        if not self.fault.mute:
            channel.level = channel.level if wanted is None else int(wanted)
            channel.enabled = channel.enabled if switch is None else switch == "1"
        return web.Response(text="OK")

    async def _reboot(self, _request: web.Request) -> web.Response:
        self.alarms["reboots"] += 1
        return web.Response(text="OK")

    async def _reset(self, _request: web.Request) -> web.Response:
        self.alarms["resets"] += 1
        self.channels = [Channel("Daylight", 0), Channel("Moonlight", 0), Channel("Plant red", 0)]
        return web.Response(text="OK")

    async def _page(self, _request: web.Request) -> web.Response:
        rows = "".join(_row(number, channel, self._speech) for number, channel in enumerate(self.channels, 1))
        return web.Response(
            text=f"<!doctype html><html><head><title>{_MODEL}</title></head><body><h1>{_MODEL}</h1>{rows}"
            '<p>Water <span id="t"></span> &deg;C</p>'
            '<a href="/reboot">Reboot</a> <a href="/factory">Factory reset</a>'
            '<script src="/tl.js"></script></body></html>',
            content_type="text/html",
        )

    async def _script(self, _request: web.Request) -> web.Response:
        speech = self._speech
        return web.Response(
            text=f"""async function show() {{
  const s = await (await fetch("{speech.status}")).json();
  for (const c of s.ch) document.getElementById("c" + c.n).value = c.{speech.level};
  document.getElementById("t").textContent = s.tk.t10 / 10;
}}
for (const slider of document.querySelectorAll("input[type=range]"))
  slider.onchange = () => fetch(`{speech.command}?ch=${{slider.dataset.ch}}&{speech.level}=${{slider.value}}`);
show();
""",
            content_type="text/javascript",
        )

    def describe(self) -> dict[str, Json]:
        """The general description and the serial number."""
        return {**super().describe(), "serial": f"LT{self.mac}"}


def _row(number: int, channel: Channel, speech: Speech) -> str:
    return (
        f'<form action="{speech.command}" method="get"><label>{channel.name} brightness'
        f'<input type="range" id="c{number}" data-ch="{number}" name="{speech.level}" min="0" max="{TOP}"></label>'
        f'<input type="hidden" name="ch" value="{number}">'
        f'<label>On <input type="checkbox" name="{speech.enabled}" value="1"></label><button>Apply</button></form>'
    )
