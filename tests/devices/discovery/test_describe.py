"""Descriptions are fetched from the device alone, bounded, and read leniently."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from claw.devices.discovery import describe as module
from claw.devices.discovery.describe import MAX_DESCRIPTION, describe, parse
from claw.errors import (
    AnswerTooLarge,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
    RedirectRefused,
)
from tests.devices.discovery.lan import LOOPBACK, description, server

URL = "http://192.168.1.9:80/d.xml"
HOST = "192.168.1.9"
SONOS = """<?xml version="1.0" encoding="utf-8" ?>
<root xmlns="urn:schemas-upnp-org:device-1-0"><specVersion><major>1</major></specVersion><device>
<deviceType>urn:schemas-upnp-org:device:ZonePlayer:1</deviceType><friendlyName>Küche</friendlyName>
<manufacturer>Sonos, Inc.</manufacturer><modelName>One</modelName><serialNum>x</serialNum>
<UDN>uuid:RINCON_1</UDN><presentationURL>ui</presentationURL>
<serviceList><service><serviceType>urn:schemas-upnp-org:service:Queue:1</serviceType><serviceId>urn:q</serviceId>
<SCPDURL>/xml/q.xml</SCPDURL><controlURL>/q/c</controlURL><eventSubURL>http://evil.invalid/e</eventSubURL></service></serviceList>
<deviceList><device><deviceType>urn:schemas-upnp-org:device:MediaRenderer:1</deviceType>
<UDN>uuid:RINCON_1_MR</UDN><serviceList><service><serviceType>urn:r</serviceType></service></serviceList>
</device></deviceList></device></root>"""


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as made:
        yield made


def test_names_types_and_services_are_read() -> None:
    found = parse(SONOS.encode(), URL, HOST)
    assert (found.friendly_name, found.manufacturer, found.model_name, found.udn) == (
        "Küche", "Sonos, Inc.", "One", "uuid:RINCON_1",
    )  # fmt: skip
    assert found.presentation_url == "http://192.168.1.9:80/ui"
    assert found.device_types == (
        "urn:schemas-upnp-org:device:ZonePlayer:1",
        "urn:schemas-upnp-org:device:MediaRenderer:1",
    )
    queue, render = found.services
    assert (queue.scpd_url, queue.control_url) == ("http://192.168.1.9:80/xml/q.xml", "http://192.168.1.9:80/q/c")
    assert queue.event_url == ""
    assert render.type == "urn:r"
    assert found.fields["friendlyname"] == "Küche"
    assert "serialnumber" not in found.fields


@pytest.mark.parametrize(
    "damage",
    [
        lambda xml: b"\n\n \n" + xml,
        lambda xml: b"\xef\xbb\xbf\n" + xml,
        lambda xml: xml.replace(b"utf-8", b"klingon-8"),
        lambda xml: xml.replace(b"Sonos, Inc.", b"Sonos\x00\x07, Inc."),
        lambda xml: xml.replace("ü".encode(), b"\xfc"),
    ],
)
def test_sloppy_xml_is_read_all_the_same(damage: object) -> None:
    found = parse(damage(SONOS.encode()), URL, HOST)  # type: ignore[operator]
    assert found.udn == "uuid:RINCON_1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"{}",
        b"<a>" * 80_000,
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><root><device><UDN>&b;</UDN></device></root>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><root><device><UDN>&a;</UDN></device></root>',
    ],
    ids=["empty", "html", "json", "deep", "bomb", "external"],
)
def test_garbage_is_refused(body: bytes) -> None:
    with pytest.raises(DeviceGarbage, match=HOST):
        parse(body, URL, HOST)


def test_depth_alone_does_no_harm() -> None:
    depth = 20_000
    body = b"<root><device><UDN>uuid:d</UDN>" + b"<a>" * depth + b"</a>" * depth + b"</device></root>"
    assert parse(body, URL, HOST).udn == "uuid:d"


@pytest.mark.parametrize(
    "url", ["http://evil.invalid/x", "javascript:alert(1)", "//192.168.1.8/x", "http://[", "ftp://192.168.1.9/"]
)
def test_a_presentation_page_elsewhere_is_dropped(url: str) -> None:
    assert parse(description("x", "uuid:x", presentationURL=url).encode(), URL, HOST).presentation_url == ""


FRAGMENTS = st.sampled_from(
    ["<root>", "</root>", "<device>", "</device>", "<UDN>", "</UDN>", "<URLBase>http://x/</URLBase>", "&#0;"]
)


@given(
    st.one_of(
        st.binary(max_size=400),
        st.lists(st.one_of(FRAGMENTS, st.text(max_size=9))).map("".join).map(lambda s: s.encode("utf-8", "replace")),
    )
)
def test_any_bytes_are_a_description_or_garbage(body: bytes) -> None:
    try:
        found = parse(body, URL, HOST)
    except DeviceGarbage:
        return
    assert all(len(value) <= 512 for value in found.fields.values())


async def test_a_description_comes_over_the_wire(session: aiohttp.ClientSession) -> None:
    async def answer(request: web.Request) -> web.Response:
        assert request.method == "GET"
        return web.Response(text=SONOS)

    async with server({"/d.xml": answer}) as base:
        assert (await describe(f"{base}/d.xml", LOOPBACK, session)).friendly_name == "Küche"


@pytest.mark.parametrize("location", ["http://192.168.1.8/d.xml", "http://evil.invalid/", "javascript:x", ""])
async def test_only_the_announcer_itself_is_asked(session: aiohttp.ClientSession, location: str) -> None:
    with pytest.raises(RedirectRefused, match=r"192\.168\.1\.9"):
        await describe(location, HOST, session)


@pytest.mark.parametrize(
    "path", ["/reboot", "/cgi-bin/factory_reset", "/x?action=upgrade", "/Delete.xml", "/a/provision/b"]
)
async def test_harmful_paths_are_never_asked(session: aiohttp.ClientSession, path: str) -> None:
    with pytest.raises(DeviceRefused, match="harm"):
        await describe(f"http://{HOST}{path}", HOST, session)


async def _chunks(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    try:
        while True:
            await response.write(b"x" * 65536)
    except ConnectionError:
        return response


async def _bomb(_: web.Request) -> web.Response:
    return web.Response(body=b"\x1f\x8b", headers={"Content-Encoding": "gzip"})


async def _elsewhere(_: web.Request) -> web.Response:
    raise web.HTTPFound("http://192.0.2.1/")


async def _broken(_: web.Request) -> web.Response:
    raise web.HTTPInternalServerError


async def _cut(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"<root>")
    assert request.transport is not None
    request.transport.abort()
    return response


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (_chunks, AnswerTooLarge),
        (_bomb, DeviceRefused),
        (_elsewhere, RedirectRefused),
        (_broken, DeviceRefused),
        (_cut, DeviceGarbage),
    ],
    ids=["endless", "compressed", "redirect", "500", "cut off"],
)
async def test_bad_answers(session: aiohttp.ClientSession, answer: object, error: type[DeviceError]) -> None:
    async with server({"/d.xml": answer}) as base:  # type: ignore[dict-item]
        with pytest.raises(error) as raised:
            await describe(f"{base}/d.xml", LOOPBACK, session)
    assert "\n" not in str(raised.value)
    assert MAX_DESCRIPTION == 256 * 1024


async def test_a_device_that_is_off(session: aiohttp.ClientSession, free_tcp_port: int) -> None:
    with pytest.raises(DeviceOffline):
        await describe(f"http://127.0.0.1:{free_tcp_port}/d.xml", LOOPBACK, session)


async def test_a_device_that_never_answers(session: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TIMEOUT", 0.05)
    with socket.create_server((LOOPBACK, 0)) as silent, pytest.raises(DeviceTimeout):
        await describe(f"http://127.0.0.1:{silent.getsockname()[1]}/d.xml", LOOPBACK, session)
