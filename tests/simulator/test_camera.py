from __future__ import annotations

import io
from typing import Any

import aiohttp
import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from claw.errors import InvalidValue
from claw.simulator import ManualClock, SimulatedHouse
from claw.simulator.camera import SNAPSHOT, VIDEO, Login
from claw.simulator.house import LOGIN
from claw.simulator.scene import COMING, Scene

STREET, DRIVEWAY = "camera-street", "camera-driveway"


async def look(house: SimulatedHouse, web: aiohttp.ClientSession) -> Image.Image:
    async with web.get(f"{house.devices[STREET].url}{SNAPSHOT}") as answer:
        assert answer.content_type == "image/jpeg"
        return Image.open(io.BytesIO(await answer.read())).convert("RGB")


def difference(one: Image.Image, other: Image.Image, box: tuple[int, int, int, int]) -> float:
    return max(ImageStat.Stat(ImageChops.difference(one.crop(box), other.crop(box))).mean)


async def test_a_truck_comes_stops_and_leaves(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    empty = await look(house, web)
    assert empty.size == (640, 360)
    house.scene.arrive()
    clock.advance(COMING / 2)
    assert house.truth()["scene"]["truck"] == "moving"  # type: ignore[index,call-overload]
    clock.advance(COMING)
    parked = await look(house, web)
    assert house.truth()["scene"]["truck"] == "parked"  # type: ignore[index,call-overload]
    kerb, far = (90, 170, 200, 260), (420, 170, 600, 260)
    assert difference(empty, parked, kerb) > 30
    assert difference(empty, parked, far) < 8  # grain only
    house.scene.leave()
    clock.advance(60)
    assert house.truth()["scene"]["truck"] == "away"  # type: ignore[index,call-overload]
    assert difference(empty, await look(house, web), kerb) < 8


async def test_night_is_dark(house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock) -> None:
    noon = ImageStat.Stat(await look(house, web)).mean
    house.scene.set_hour(23)
    clock.advance(1)
    assert max(ImageStat.Stat(await look(house, web)).mean) < min(noon) / 2


async def test_nothing_is_drawn_unless_somebody_looks(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    clock.advance(3600)
    assert house.truth()[STREET]["frames"] == 0  # type: ignore[index,call-overload]
    await look(house, web)
    await look(house, web)
    assert house.truth()[STREET]["frames"] == 1  # type: ignore[index,call-overload]


async def test_the_stream_is_one_picture_after_another(
    house: SimulatedHouse, web: aiohttp.ClientSession, clock: ManualClock
) -> None:
    with anyio.fail_after(5):
        async with web.get(f"{house.devices[STREET].url}{VIDEO}") as stream:
            assert stream.content_type == "multipart/x-mixed-replace"
            for _ in range(3):
                assert await stream.content.readline() == b"--myboundary\r\n"
                assert await stream.content.readline() == b"Content-Type: image/jpeg\r\n"
                size = int((await stream.content.readline()).partition(b":")[2])
                await stream.content.readline()
                assert Image.open(io.BytesIO(await stream.content.readexactly(size))).size == (640, 360)
                await stream.content.readline()
                await anyio.wait_all_tasks_blocked()
                clock.advance(0.2)


async def test_one_camera_wants_digest_authentication(house: SimulatedHouse, web: aiohttp.ClientSession) -> None:
    url = f"{house.devices[DRIVEWAY].url}{SNAPSHOT}"
    async with web.get(url) as answer:
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Digest ")
    async with web.get(
        url, headers={"Authorization": aiohttp.encode_basic_auth(LOGIN.user, LOGIN.password)}
    ) as answer:
        assert answer.status == 401
    for password, status in ((LOGIN.password, 200), ("wrong", 401)):
        digest = aiohttp.DigestAuthMiddleware(LOGIN.user, password)
        async with aiohttp.ClientSession(middlewares=(digest,)) as session, session.get(url) as answer:
            assert answer.status == status


@given(st.text(max_size=80))
def test_no_other_header_opens_the_camera(header: str) -> None:
    assert not Login("u", "p").allows("GET", header, "nonce")
    assert not Login("u", "p").allows("GET", f'Digest username="u", nonce="nonce", {header}', "nonce")


@given(st.floats(0, 100), st.floats(0, 100))
def test_light_is_always_between_night_and_noon(hour: float, later: float) -> None:
    clock = ManualClock()
    scene = Scene(clock, hour % 24)
    clock.advance(later * 3600)
    assert 0.12 <= scene.daylight() <= 1
    assert 0 <= scene.hour < 24


@pytest.mark.parametrize("direction", [{"truck": "fly"}, {"hour": 25}, {"hour": True}, {"trcuk": "arrive"}, [], 1])
def test_impossible_stage_directions_are_refused(direction: Any) -> None:
    scene = Scene(ManualClock())
    with pytest.raises(InvalidValue):
        scene.direct(direction)
    assert scene.truck() is None
