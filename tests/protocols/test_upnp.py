"""The UPnP binding against a protocol stack that is not ours, and against devices with bad manners."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from xml.sax.saxutils import escape

import anyio
import pytest
from aiohttp import ClientSession, web
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import (
    CredentialMissing,
    DeviceError,
    DeviceGarbage,
    DeviceOffline,
    DeviceRefused,
    NotSupported,
)
from claw.model.form import Endpoint, Form, Target
from claw.model.json import Json
from claw.protocols import gena, soap
from claw.protocols.binding import Binding
from claw.protocols.event_xml import changes
from claw.protocols.http_body import parse_xml
from claw.protocols.upnp import Upnp
from tests.protocols.http_servers import Memory, app, ok, once, raw
from tests.protocols.upnp_device import CONTROL, EVENTS, SERVICE, RenderingControl, renderer

Device = tuple[Endpoint, RenderingControl]


@pytest.fixture
async def upnp() -> AsyncGenerator[Upnp]:
    binding = Upnp(Memory(), timeout=2, connect_timeout=1)
    yield binding
    await binding.aclose()


@pytest.fixture
async def device(unused_port: int) -> AsyncGenerator[Device]:
    async with renderer(unused_port) as made:
        yield made


def call(endpoint: Endpoint, action: str, arguments: Json = None, **terms: Json) -> Target:
    known: dict[str, Json] = {"upnp:service": SERVICE, "upnp:action": action, **terms}
    if arguments is not None:
        known["upnp:arguments"] = arguments
    return Target(endpoint, Form("invokeaction", CONTROL, terms=known))


def watch(endpoint: Endpoint, path: str = EVENTS) -> Target:
    return Target(endpoint, Form("observeproperty", path))


def test_is_a_binding() -> None:
    binding: Binding = Upnp(Memory())
    assert binding.name == "upnp"


async def test_read_write_read(upnp: Upnp, device: Device) -> None:
    endpoint, service = device
    who = {"InstanceID": 0, "Channel": "Master"}
    assert await upnp.read(call(endpoint, "GetVolume", who)) == {"CurrentVolume": "20"}
    assert await upnp.write(call(endpoint, "SetVolume", {**who, "DesiredVolume": 55}), 55) == {}
    assert service.state_variable("Volume").value == 55
    assert await upnp.read(call(endpoint, "GetVolume", who)) == {"CurrentVolume": "55"}


async def test_arguments_may_come_as_the_payload_and_control_as_a_term(upnp: Upnp, device: Device) -> None:
    endpoint, _ = device
    awkward = 'Tom & "Jerry" <b>ü</b>'
    target = call(endpoint, "SelectPreset", None, **{"upnp:control": CONTROL})
    assert await upnp.invoke(target, {"Name": awkward}) == {"Chosen": awkward}


async def test_a_fault_carries_number_and_text(upnp: Upnp, device: Device) -> None:
    endpoint, _ = device
    with pytest.raises(DeviceRefused, match=r"refuses SelectPreset: UPnP error 701 Action Failed"):
        await upnp.invoke(call(endpoint, "SelectPreset", {"Name": "none"}), None)
    with pytest.raises(DeviceRefused, match="UPnP error 402"):
        await upnp.invoke(call(endpoint, "SetVolume", {"InstanceID": 0, "Channel": "M", "DesiredVolume": 500}), None)
    with pytest.raises(DeviceRefused, match="400"):
        await upnp.invoke(call(endpoint, "Explode"), None)


async def test_bad_documents_are_refused_before_the_wire(upnp: Upnp) -> None:
    nowhere = Endpoint("127.0.0.1", 9)
    for target in (
        call(nowhere, ""),
        call(nowhere, "Get<Volume"),
        call(nowhere, "GetVolume", {"a b": 1}),
        call(nowhere, "GetVolume", None, **{"upnp:service": 'urn:x"\r\nEvil: 1'}),
        call(nowhere, "GetVolume", None, **{"upnp:control": "http://192.0.2.1/"}),
    ):
        with pytest.raises(NotSupported):
            await upnp.read(target)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (ok(b"<html>hello</html>", "text/html"), DeviceGarbage),
        (ok(b"", "text/xml"), DeviceGarbage),
        (ok(b"<a><Body/></a>", "text/xml"), DeviceGarbage),
        (ok(b'<!DOCTYPE a [<!ENTITY x "y">]><a><Body><b>&x;</b></Body></a>', "text/xml"), DeviceGarbage),
        (b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno", DeviceRefused),
        (b"HTTP/1.1 500 No\r\nContent-Length: 5\r\n\r\nFault", DeviceRefused),
        (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", CredentialMissing),
        (ok(b"<e><Body><Fault><faultstring>UPnPError</faultstring></Fault></Body></e>", "text/xml"), DeviceRefused),
    ],
)
async def test_bad_answers(upnp: Upnp, answer: bytes, error: type[DeviceError]) -> None:
    async with raw(once(answer)) as endpoint:
        with anyio.fail_after(5), pytest.raises(error) as caught:
            await upnp.read(call(endpoint, "GetVolume"))
    assert "\n" not in str(caught.value)


async def test_sloppy_answers_are_understood(upnp: Upnp) -> None:
    body = b"\n<?xml version='1.0'?><S:Envelope xmlns:S='x'><S:Body><GetVolumeResponse><CurrentVolume>7"
    body += b"</CurrentVolume><Empty/></GetVolumeResponse></S:Body></S:Envelope>\0\0"
    async with raw(once(ok(body, "text/html"))) as endpoint:
        assert await upnp.read(call(endpoint, "GetVolume")) == {"CurrentVolume": "7", "Empty": ""}


PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=30)


@given(st.dictionaries(st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,9}", fullmatch=True), PRINTABLE, max_size=5))
def test_any_text_survives_an_envelope(arguments: dict[str, str]) -> None:
    content = soap.envelope(SERVICE, "Set", arguments)
    assert soap.answer(content) == arguments
    assert soap.fault(content) == ""


@given(st.text(max_size=50) | st.booleans() | st.none() | st.integers() | st.floats())
def test_any_value_makes_wellformed_xml(value: Json) -> None:
    parse_xml(soap.envelope(SERVICE, "Set", {"V": value}))


@given(st.binary(max_size=300))
def test_no_bytes_crash_the_parsers(data: bytes) -> None:
    for parse in (soap.answer, soap.fault, changes):
        try:
            parse(data)
        except DeviceGarbage:
            continue


async def subscribed(service: RenderingControl) -> None:
    """That stack lists a subscriber only after its first event has been answered."""
    while not service._subscribers:
        await anyio.lowlevel.checkpoint()
    assert len(service._subscribers) == 1


async def test_events_of_a_foreign_stack(upnp: Upnp, device: Device) -> None:
    endpoint, service = device
    pushed = upnp.observe(watch(endpoint))
    with anyio.fail_after(5):
        assert await anext(pushed) == {"Volume": "20", "Preset": "A & B <c>"}
        await subscribed(service)
        service.state_variable("Volume").value = 33
        assert await anext(pushed) == {"Volume": "33", "Preset": "A & B <c>"}
        assert len(service._subscribers) == 1
        await pushed.aclose()
        assert not service._subscribers, "unsubscribed on leaving"


async def test_observers_share_a_subscription_and_late_ones_get_the_state(upnp: Upnp, device: Device) -> None:
    endpoint, service = device
    first, second = upnp.observe(watch(endpoint)), upnp.observe(watch(endpoint))
    with anyio.fail_after(5):
        before = await anext(first)
        assert await anext(second) == before
        await subscribed(service)
        service.state_variable("Volume").value = 44
        assert (await anext(first))["Volume"] == "44"
        await first.aclose()
        assert len(service._subscribers) == 1
        assert (await anext(second))["Volume"] == "44"
        await second.aclose()
        assert not service._subscribers


class Publisher:
    """A device that is only an event source: grants what it is told to, and may forget everybody."""

    def __init__(self, timeout: str = "Second-300") -> None:
        self.timeout = timeout
        self.callbacks: dict[str, str] = {}
        self.requests: list[tuple[str, str | None]] = []
        self.status = 200
        self.changed = anyio.Event()

    async def subscribe(self, request: web.Request) -> web.Response:
        sid = request.headers.get("SID")
        self.requests.append((request.method, sid))
        self.changed.set()
        self.changed = anyio.Event()
        if self.status != 200:
            return web.Response(status=self.status)
        if request.method == "UNSUBSCRIBE":
            self.callbacks.pop(sid or "", None)
            return web.Response()
        if sid and sid not in self.callbacks:
            return web.Response(status=412)
        if not sid:
            assert request.headers["NT"] == "upnp:event"
            sid = f"uuid:{len(self.requests)}"
            self.callbacks[sid] = request.headers["CALLBACK"].strip("<>")
        return web.Response(headers={"SID": sid, "TIMEOUT": self.timeout})

    async def notify(self, body: str, sid: str = "", url: str = "") -> int:
        sid = sid or next(reversed(self.callbacks))
        headers = {"NT": "upnp:event", "NTS": "upnp:propchange", "SID": sid, "SEQ": "0"}
        url = url or self.callbacks.get(sid) or next(iter(self.callbacks.values()))
        async with ClientSession() as session, session.request("NOTIFY", url, data=body, headers=headers) as answer:
            return answer.status

    def routes(self) -> list[web.RouteDef]:
        return [web.route(method, EVENTS, self.subscribe) for method in ("SUBSCRIBE", "UNSUBSCRIBE")]


def property_set(**variables: str) -> str:
    inner = "".join(f"<e:property><{k}>{escape(v)}</{k}></e:property>" for k, v in variables.items())
    return f'<e:propertyset xmlns:e="urn:schemas-upnp-org:event-1-0">{inner}</e:propertyset>'


def last_change(inner: str, instance: int = 0) -> str:
    space = "urn:schemas-upnp-org:metadata-1-0/RCS/"
    return property_set(
        LastChange=f'<Event xmlns="{space}"><InstanceID val="{instance}">{inner}</InstanceID></Event>'
    )


async def next_after(pushed: AsyncGenerator[Json], publisher: Publisher, *bodies: str) -> list[Json]:
    """What an observer yields for these events, which follow once it has subscribed."""
    got: list[Json] = []

    async def collect() -> None:
        while len(got) < len(bodies):
            got.append(await anext(pushed))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(collect)
            while not publisher.callbacks:
                await publisher.changed.wait()
            for body in bodies:
                assert await publisher.notify(body) == 200
    return got


async def test_last_change_is_unfolded_and_merged(upnp: Upnp) -> None:
    publisher = Publisher()
    async with app(*publisher.routes()) as endpoint:
        pushed = upnp.observe(watch(endpoint))
        got = await next_after(
            pushed,
            publisher,
            last_change(
                '<Volume channel="Master" val="20"/><Volume channel="LF" val="90"/><Mute channel="Master" val="0"/>'
            ),
            last_change('<Volume channel="Master" val="21"/>'),
            property_set(ZoneName="Küche", LastChange=""),
        )
        assert got[0] == {"Volume": {"Master": "20", "LF": "90"}, "Mute": {"Master": "0"}}
        assert got[1] == {"Volume": {"Master": "21", "LF": "90"}, "Mute": {"Master": "0"}}
        assert got[2] == {"Volume": {"Master": "21", "LF": "90"}, "Mute": {"Master": "0"}, "ZoneName": "Küche"}
        await pushed.aclose()
        assert [method for method, _ in publisher.requests] == ["SUBSCRIBE", "UNSUBSCRIBE"]


async def test_strangers_and_nonsense_do_not_get_in(upnp: Upnp) -> None:
    publisher = Publisher()
    async with app(*publisher.routes()) as endpoint:
        pushed = upnp.observe(watch(endpoint))
        assert await next_after(pushed, publisher, property_set(A="1")) == [{"A": "1"}]
        url = next(iter(publisher.callbacks.values()))
        assert await publisher.notify(property_set(A="2"), sid="uuid:someone-else", url=url) == 412
        assert await publisher.notify(property_set(A="2"), url=url[:-3] + "xyz") == 412
        assert await publisher.notify("<broken", url=url) == 400
        assert await publisher.notify('<!DOCTYPE a [<!ENTITY x "y">]><a><b><c>&x;</c></b></a>', url=url) == 400
        assert await publisher.notify(property_set(A="x" * gena.MAX_EVENT), url=url) == 413
        async with ClientSession() as session, session.get(url) as answer:
            assert answer.status == 405
        many = {f"V{n}": "1" for n in range(gena.MAX_VARIABLES * 2)}
        assert await publisher.notify(property_set(**many)) == 200
        with anyio.fail_after(5):
            known = await anext(pushed)
        assert isinstance(known, dict)
        assert known["A"] == "1"
        assert len(known) == gena.MAX_VARIABLES
        await pushed.aclose()


@pytest.mark.parametrize(
    ("sender", "device", "same"),
    [
        ("192.168.1.5", "192.168.1.5", True),
        ("192.168.1.6", "192.168.1.5", False),
        ("127.0.0.1", "127.36.1.10", True),
        ("127.0.0.1", "192.168.1.5", False),
        ("fe80::1%2", "fe80::1%eth0", True),
        ("fe80::2", "fe80::1%eth0", False),
        ("", "192.168.1.5", False),
    ],
)
def test_another_machine_cannot_speak_for_the_device(sender: str, device: str, *, same: bool) -> None:
    assert gena.same_machine(sender, device) is same


async def test_a_subscription_is_renewed_and_made_anew_when_forgotten(
    upnp: Upnp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gena, "SHORTEST", 0.1)
    publisher = Publisher(timeout="Second-0")
    async with app(*publisher.routes()) as endpoint:
        pushed = upnp.observe(watch(endpoint))

        async def until(count: int) -> None:
            while len(publisher.requests) < count:
                await publisher.changed.wait()

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                got: list[Json] = []

                async def collect() -> None:
                    got.append(await anext(pushed))

                group.start_soon(collect)
                await until(2)
                assert publisher.requests[:2] == [("SUBSCRIBE", None), ("SUBSCRIBE", "uuid:1")]
                publisher.callbacks.clear()  # it restarts
                while not publisher.callbacks:
                    await publisher.changed.wait()
                assert await publisher.notify(property_set(A="after")) == 200
        assert got == [{"A": "after"}]
        await pushed.aclose()


async def test_a_device_that_vanishes_ends_the_observation(upnp: Upnp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gena, "SHORTEST", 0.1)
    publisher = Publisher(timeout="Second-0")
    async with app(*publisher.routes()) as endpoint:
        pushed = upnp.observe(watch(endpoint))
        await next_after(pushed, publisher, property_set(A="1"))
    with anyio.fail_after(5), pytest.raises(DeviceError):
        await anext(pushed)


@pytest.mark.parametrize(("status", "error"), [(404, NotSupported), (501, NotSupported), (503, DeviceRefused)])
async def test_a_refused_subscription(upnp: Upnp, status: int, error: type[DeviceError]) -> None:
    publisher = Publisher()
    publisher.status = status
    async with app(*publisher.routes()) as endpoint:
        with anyio.fail_after(5), pytest.raises(error):
            await anext(upnp.observe(watch(endpoint)))


async def test_a_subscription_without_a_number(upnp: Upnp, unused_port: int) -> None:
    async with raw(once(ok(b""))) as endpoint:
        with anyio.fail_after(5), pytest.raises(DeviceGarbage, match="no number"):
            await anext(upnp.observe(watch(endpoint)))
    with pytest.raises(DeviceOffline):
        await anext(upnp.observe(watch(Endpoint("127.0.0.1", unused_port))))
    with pytest.raises(DeviceOffline, match="no way to"):
        await anext(upnp.observe(watch(Endpoint("::1%nowhere", 80))))


async def test_forgetting_an_endpoint_ends_its_observations(upnp: Upnp) -> None:
    publisher = Publisher()
    async with app(*publisher.routes()) as endpoint:
        pushed = upnp.observe(watch(endpoint))
        await next_after(pushed, publisher, property_set(A="1"))
        await upnp.forget(endpoint)
        with pytest.raises(DeviceOffline, match="observe it again"):
            await anext(pushed)


async def test_events_over_ipv6(upnp: Upnp) -> None:
    publisher = Publisher()
    async with app(*publisher.routes(), host="::1") as endpoint:
        pushed = upnp.observe(watch(endpoint))
        assert await next_after(pushed, publisher, property_set(A="6")) == [{"A": "6"}]
        assert next(iter(publisher.callbacks.values())).startswith("http://[::1]:")
        await pushed.aclose()
