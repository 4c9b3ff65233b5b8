"""A camera that speaks Axis VAPIX: a still and an MJPEG stream of the street; nothing is drawn unless somebody looks.

https://developer.axis.com/vapix/network-video/video-streaming/
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

import anyio
import anyio.to_thread
from aiohttp import web

from claw.model.json import Json, JsonObject
from claw.simulator.device import Device
from claw.simulator.ground import Ground
from claw.simulator.mdns import MdnsService
from claw.simulator.picture import Moment, View, draw, require
from claw.simulator.scene import Scene

FRAME = 0.2  # seconds between frames
SNAPSHOT, VIDEO = "/axis-cgi/jpg/image.cgi", "/axis-cgi/mjpg/video.cgi"
_PARAMETERS = {
    "root.Brand.Brand": "AXIS",
    "root.Brand.ProdFullName": "AXIS M1125 Network Camera",
    "root.Brand.ProdNbr": "M1125",
    "root.Brand.ProdShortName": "AXIS M1125",
    "root.Brand.ProdType": "Network Camera",
    "root.Properties.Image.Format": "jpeg,mjpeg",
    "root.Properties.Image.NbrOfViews": "1",
    "root.Properties.Image.Resolution": "640x360",
}
_REALM = "AXIS_ACCC8E"
_BOUNDARY = "myboundary"


@dataclass(frozen=True, slots=True)
class Login:
    """Who may look, by digest authentication (RFC 7616, MD5 as cameras do)."""

    user: str
    password: str

    def allows(self, method: str, header: str, nonce: str) -> bool:
        """Whether an Authorization header proves the password."""
        if not header.lower().startswith("digest "):
            return False
        given = {key: quoted or bare for key, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', header)}
        if given.get("nonce") != nonce or given.get("username") != self.user:
            return False
        first = _md5(f"{self.user}:{_REALM}:{self.password}")
        second = _md5(f"{method}:{given.get('uri', '')}")
        middle = ":".join(given.get(key, "") for key in ("nc", "cnonce", "qop"))
        wanted = _md5(f"{first}:{nonce}:{middle}:{second}" if given.get("qop") else f"{first}:{nonce}:{second}")
        return secrets.compare_digest(wanted, given.get("response", ""))


class Camera(Device):
    """A camera with a `view` of the scene, behind a `login` or open."""

    def __init__(
        self, name: str, number: int, ground: Ground, *, scene: Scene, view: View, login: Login | None = None
    ) -> None:
        require()
        super().__init__(name, number, ground)
        self.frames = 0
        self._scene = scene
        self._view = view
        self._login = login
        self._nonce = secrets.token_hex(16)
        self._last: tuple[int, bytes] = (-1, b"")
        self._drawing = anyio.Lock()

    @property
    def mac(self) -> str:
        """A MAC address out of an Axis block."""
        return self.ground.mac(self._number, "accc8e")

    @property
    def _root(self) -> str:
        return "/axis-cgi/v2" if self.fault.new_firmware else "/axis-cgi"

    def routes(self) -> Sequence[web.RouteDef]:
        """A page, the parameters, a still picture and a moving one."""
        return [
            web.get("/", self._page),
            web.get(f"{self._root}/param.cgi", self._parameters),
            web.get(f"{self._root}/jpg/image.cgi", self._snapshot),
            web.get(f"{self._root}/mjpg/video.cgi", self._stream),
        ]

    def services(self) -> Sequence[MdnsService]:
        """A camera, and a web server; both under the friendly name that its owner gave it."""
        txt = {"macaddress": self.mac.upper()}
        kinds = ("_axis-video._tcp", "_http._tcp")
        name = f"{self._view.caption} - {self.mac.upper()}"
        return [MdnsService(kind, name, self.ports["http"], txt, host=f"axis-{self.mac}") for kind in kinds]

    def describe(self) -> dict[str, Json]:
        """The general description, paths and login."""
        login: Json = {"user": self._login.user, "password": self._login.password} if self._login else None
        return {**super().describe(), "snapshot": SNAPSHOT, "video": VIDEO, "login": login}

    def truth(self) -> JsonObject:
        """What it looks at, and how many pictures it has drawn."""
        return {"frames": self.frames, **self._scene.truth()}

    async def picture(self) -> bytes:
        """The present frame; viewers of the same fifth of a second share one."""
        slot = int(self.ground.clock.now() / FRAME)
        async with self._drawing:
            if self._last[0] != slot:
                moment = Moment(self._scene.truck(), self._scene.daylight(), slot + self.ground.seed)
                self._last = (slot, await anyio.to_thread.run_sync(draw, moment, self._view))
                self.frames += 1
            return self._last[1]

    def _stranger(self, request: web.Request) -> web.Response | None:
        header = request.headers.get("Authorization", "")
        if self._login is None or self._login.allows(request.method, header, self._nonce):
            return None
        challenge = f'Digest realm="{_REALM}", nonce="{self._nonce}", qop="auth", algorithm=MD5'
        return web.Response(status=401, headers={"WWW-Authenticate": challenge})

    async def _page(self, request: web.Request) -> web.Response:
        if refused := self._stranger(request):
            return refused
        page = f"<!doctype html><title>{self._view.caption}</title><img src='{self._root}/mjpg/video.cgi'>"
        return web.Response(text=page, content_type="text/html")

    async def _parameters(self, request: web.Request) -> web.Response:
        if refused := self._stranger(request):
            return refused
        groups = [group for group in request.query.get("group", "root").split(",") if group]
        if request.query.get("action") != "list":
            return web.Response(text="# Error: action missing\r\n", status=400)
        found = [f"{k}={v}" for k, v in _PARAMETERS.items() if any(f"{k}.".startswith(f"{g}.") for g in groups)]
        return web.Response(text="\r\n".join(found) or "# Error: no such group\r\n")

    async def _snapshot(self, request: web.Request) -> web.Response:
        if refused := self._stranger(request):
            return refused
        return web.Response(body=await self.picture(), content_type="image/jpeg")

    async def _stream(self, request: web.Request) -> web.StreamResponse:
        if refused := self._stranger(request):
            return refused
        kind = f"multipart/x-mixed-replace; boundary={_BOUNDARY}"
        response = web.StreamResponse(headers={"Content-Type": kind, "Cache-Control": "no-store"})
        await response.prepare(request)
        try:
            while True:
                jpeg = await self.picture()
                head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                await response.write(head.encode() + jpeg + b"\r\n")
                await self.ground.clock.sleep(FRAME)
        except ConnectionError:
            return response  # the viewer left


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
