"""A lamp that is switched off at the wall: its bridge still answers for it, and the house does not believe it."""

from __future__ import annotations

from pathlib import Path

import anyio
import pytest

from claw.model.events import OnlineChanged
from tests.e2e.home import SOON, at_home

LAMP = "bedroom-lamp"


@pytest.mark.parametrize("without", [(), ("philips-hue-v2",)], ids=["clip v2", "first api"])
async def test_unplugged_it_is_said_and_plugged_in_it_is_back(tmp_path: Path, without: tuple[str, ...]) -> None:
    async with at_home(tmp_path, ("hue",), without=without) as home:
        things = home.house.registry.things
        assert (await home.order("turn off the bedroom lamp")).verified
        with home.house.bus.subscribe(OnlineChanged) as news, anyio.fail_after(SOON):
            home.world.mains("hue", "Bedroom lamp", on=False)
            reply = await home.say("turn on the bedroom lamp")
            (effect,) = reply.effects
            assert not effect.verified
            assert reply.text == "Bedroom lamp cannot be reached by its bridge; is it switched off at the wall?"
            event = await news.next()
            assert (event.thing, event.online, event.reason) == (LAMP, False, reply.text)
        lamp = home.truth("hue")["lamps"]["5"]
        assert (lamp["lit"], lamp["powered"]) == (False, False)
        assert not things[LAMP].online
        assert all(thing.online for id_, thing in home.of("hue").items() if id_ != LAMP), "the bridge is there"
        assert home.house.registry.devices[things[LAMP].device_id].online
        assert (await home.order("turn on the kitchen ceiling")).verified
        assert not things[LAMP].online, "what the bridge says of it is not a sign of life"

        home.world.mains("hue", "Bedroom lamp", on=True)
        await home.until(lambda: things[LAMP].online)
        assert (await home.order("turn on the bedroom lamp")).verified
        await home.until(lambda: home.truth("hue")["lamps"]["5"]["lit"])
