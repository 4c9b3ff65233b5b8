"""Two hundred devices on loopback: `python -m tests.bench.announcer COUNT`, half WLED by mDNS, half UPnP lights by SSDP.

Each lives on an address of its own (127.77.x.y) behind one web server, and answers as its kind does. Prints
`ready` once everything is announced; reads a line from stdin to announce one more and prints its name.
"""

from __future__ import annotations

import asyncio
import socket
import struct
import sys

from aiohttp import web
from zeroconf import ServiceInfo
from zeroconf.asyncio import AsyncZeroconf

GROUP = "239.255.255.250"
PORT = 1900
ST = "urn:schemas-upnp-org:device:DimmableLight:1"


def address(number: int) -> str:
    """The address of device `number`."""
    return f"127.77.{1 + number // 200}.{1 + number % 200}"


def description(number: int) -> str:
    """A UPnP light's description."""
    return f"""<?xml version="1.0"?><root xmlns="urn:schemas-upnp-org:device-1-0">
<specVersion><major>1</major><minor>0</minor></specVersion><device><deviceType>{ST}</deviceType>
<friendlyName>Bench light {number}</friendlyName><manufacturer>Bench</manufacturer><modelName>L1</modelName>
<UDN>uuid:be0c0000-0000-4000-8000-{number:012d}</UDN><serviceList><service>
<serviceType>urn:schemas-upnp-org:service:SwitchPower:1</serviceType><serviceId>urn:upnp-org:serviceId:SwitchPower</serviceId>
<SCPDURL>/power.xml</SCPDURL><controlURL>/control</controlURL><eventSubURL>/events</eventSubURL>
</service></serviceList></device></root>"""


SCPD = """<?xml version="1.0"?><scpd xmlns="urn:schemas-upnp-org:service-1-0"><specVersion><major>1</major><minor>0</minor>
</specVersion><actionList><action><name>SetTarget</name><argumentList><argument><name>newTargetValue</name>
<direction>in</direction><relatedStateVariable>Target</relatedStateVariable></argument></argumentList></action>
<action><name>GetStatus</name><argumentList><argument><name>ResultStatus</name><direction>out</direction>
<relatedStateVariable>Status</relatedStateVariable></argument></argumentList></action></actionList><serviceStateTable>
<stateVariable sendEvents="no"><name>Target</name><dataType>boolean</dataType><defaultValue>0</defaultValue></stateVariable>
<stateVariable sendEvents="yes"><name>Status</name><dataType>boolean</dataType><defaultValue>0</defaultValue></stateVariable>
</serviceStateTable></scpd>"""

ANSWER = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    '<u:GetStatusResponse xmlns:u="urn:schemas-upnp-org:service:SwitchPower:1"><ResultStatus>0</ResultStatus>'
    "</u:GetStatusResponse></s:Body></s:Envelope>"
)


def wled_info(number: int) -> dict[str, object]:
    """A WLED's /json/info."""
    return {
        "ver": "0.15.0", "name": f"Bench strip {number}", "brand": "WLED", "product": "FOSS", "arch": "esp32",
        "mac": f"be0c00{number:06x}", "leds": {"count": 30, "rgbw": False, "lc": 1, "seglc": [1]},
    }  # fmt: skip


WLED_STATE = {"on": True, "bri": 128, "seg": [{"id": 0, "col": [[255, 160, 0], [0, 0, 0], [0, 0, 0]], "cct": 127}]}


def number_of(request: web.Request) -> int:
    """Which device was asked."""
    third, fourth = str(request.transport.get_extra_info("sockname")[0]).split(".")[2:]  # type: ignore[union-attr]
    return (int(third) - 1) * 200 + int(fourth) - 1


async def site() -> int:
    """One server on every loopback address; its port."""

    async def xml(request: web.Request) -> web.Response:
        text = {"/description.xml": description(number_of(request)), "/power.xml": SCPD}[request.path]
        return web.Response(text=text, content_type="text/xml")

    async def control(_: web.Request) -> web.Response:
        return web.Response(text=ANSWER, content_type="text/xml")

    async def wled(request: web.Request) -> web.Response:
        info, state = wled_info(number_of(request)), WLED_STATE
        whole = {"/json/info": info, "/json/state": state, "/json": {"info": info, "state": state}}
        return web.json_response(whole.get(request.path, {"info": info, "state": state}))

    app = web.Application()
    app.add_routes(
        [
            web.get("/description.xml", xml),
            web.get("/power.xml", xml),
            web.post("/control", control),
            web.get("/{path:json.*}", wled),
        ]
    )
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0).start()
    return int(runner.addresses[0][1])


class Ssdp(asyncio.DatagramProtocol):
    """Answers searches for the bench lights."""

    def __init__(self, numbers: list[int], port: int) -> None:
        self.numbers, self.port = numbers, port

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def head(self, number: int) -> str:
        """What every message of a light says."""
        return (
            f"CACHE-CONTROL: max-age=1800\r\nLOCATION: http://{address(number)}:{self.port}/description.xml\r\n"
            f"SERVER: Bench/1 UPnP/1.0 L1/1\r\nUSN: uuid:be0c0000-0000-4000-8000-{number:012d}::{ST}\r\n"
        )

    def datagram_received(self, data: bytes, where: tuple[str, int]) -> None:
        if data.startswith(b"M-SEARCH") and (b"ssdp:all" in data or ST.encode() in data):
            for number in self.numbers:
                message = f"HTTP/1.1 200 OK\r\nEXT:\r\nST: {ST}\r\n{self.head(number)}\r\n"
                self.transport.sendto(message.encode(), where)  # type: ignore[attr-defined]


def multicast_socket() -> socket.socket:
    """A socket that hears SSDP on loopback."""
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "SO_REUSEPORT"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    sock.bind(("", PORT))
    member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, struct.pack("b", 1))
    sock.setblocking(False)
    return sock


def service(number: int, port: int) -> ServiceInfo:
    """A WLED's announcement."""
    name = f"bench-strip-{number}"
    return ServiceInfo(
        "_wled._tcp.local.",
        f"{name}._wled._tcp.local.",
        port,
        addresses=[socket.inet_aton(address(number))],
        properties={"mac": f"be0c00{number:06x}"},
        server=f"{name}.local.",
    )


async def main(count: int) -> None:
    """Announce, then one more for each line on stdin."""
    port = await site()
    numbers = list(range(count))
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: Ssdp(numbers[count // 2 :], port), sock=multicast_socket())
    zeroconf = AsyncZeroconf(interfaces=["127.0.0.1"])
    for number in numbers[: count // 2]:
        await zeroconf.async_register_service(service(number, port), cooperating_responders=True)
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        numbers.append(len(numbers))
        await zeroconf.async_register_service(service(numbers[-1], port), cooperating_responders=True)
        print(f"bench-strip-{numbers[-1]}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))
