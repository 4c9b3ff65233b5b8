"""Devices fall ill. Nothing is claimed that did not happen, and the house says at once what is wrong."""

from __future__ import annotations

from pathlib import Path

import anyio

from claw.model.events import DeviceMoved, OnlineChanged
from claw.model.level import Level
from tests.e2e.home import SOON, Home, at_home


async def test_slow_is_waited_for(ill: Home) -> None:
    await ill.fault("hue", slow=0.6)
    (effect,) = (await ill.say("turn on the kitchen counter")).effects
    assert effect.verified
    assert effect.ms > 600
    await ill.well("hue")
    assert (await ill.order("turn off the kitchen counter")).verified


async def test_offline_is_said_at_once(ill: Home) -> None:
    with ill.house.bus.subscribe(OnlineChanged) as news, anyio.fail_after(SOON):
        await ill.fault("plug", offline=True)
        began = anyio.current_time()
        reply = await ill.say("turn off the desk plug")
        assert anyio.current_time() - began < 2
        assert reply.text == "Desk plug does not answer; I left it as it was."
        (effect,) = reply.effects
        assert (effect.verified, effect.new) == (False, None)
        event = await news.next()
        assert (event.thing, event.online) == ("desk-plug", False)
    assert (await ill.say("is the desk plug on?")).text.startswith("Desk plug is offline; ")
    assert ill.truth("plug")["on"] is True
    await ill.well("plug")
    assert (await ill.order("turn off the desk plug")).verified
    assert (await ill.order("turn on the desk plug")).verified


async def test_one_that_is_offline_does_not_stop_the_others(ill: Home) -> None:
    assert (await ill.order("turn on the kitchen ceiling")).verified
    await ill.fault("plug", offline=True)
    reply = await ill.say("turn off the kitchen ceiling and the desk plug")
    assert {effect.thing: effect.verified for effect in reply.effects} == {
        "kitchen-ceiling": True,
        "desk-plug": False,
    }
    assert "Kitchen ceiling is off" in reply.text
    assert "Desk plug does not answer; I left it as it was." in reply.text
    await ill.well("plug")


async def test_all_lights_off_with_the_bridge_offline(ill: Home) -> None:
    assert all(effect.verified for effect in (await ill.say("turn on all the lights")).effects)
    await ill.fault("hue", offline=True)
    reply = await ill.say("turn off all the lights")
    assert reply.text == "5 lights do not answer; I left them as they were."
    await ill.well("hue")
    assert all(effect.verified for effect in (await ill.say("turn off all the lights")).effects)


async def test_a_new_address_is_followed(tmp_path: Path) -> None:
    async with at_home(tmp_path, ("plug",)) as home:
        with home.house.bus.subscribe(DeviceMoved) as news:
            await home.fault("plug", wrong_address=True)
            with anyio.fail_after(5):
                while (await news.next()).host != home.world.devices["plug"].address:
                    pass
        assert (await home.order("turn off the desk plug")).verified
        assert home.truth("plug")["on"] is False


async def test_mute_is_not_believed(ill: Home) -> None:
    await ill.fault("plug", mute=True)
    reply = await ill.say("turn off the desk plug")
    (effect,) = reply.effects
    assert (effect.verified, effect.new) == (False, True)
    assert reply.text == "Desk plug took the order, but it is still on."
    assert ill.truth("plug")["on"] is True
    await ill.well("plug")
    await ill.fault("hue", mute=True)
    reply = await ill.say("turn on the bedroom lamp")
    assert reply.text == "Bedroom lamp took the order, but it is still off."
    assert not reply.effects[0].verified
    await ill.well("hue")


async def test_garbage_is_named(ill: Home) -> None:
    await ill.fault("plug", garbage=True)
    reply = await ill.say("turn off the desk plug")
    assert not reply.effects[0].verified
    assert reply.text.startswith("Desk plug: The device said JSON and sent something else.")
    await ill.well("plug")
    assert (await ill.order("turn off the desk plug")).verified
    assert (await ill.order("turn on the desk plug")).verified


async def test_new_firmware_is_noticed(ill: Home) -> None:
    await ill.fault("pool", new_firmware=True)
    await ill.until(lambda: "pool" in ill.of("pool"))
    drifted = await ill.house.proof.canary("pool", ill.context())
    assert [(each.property, each.passed) for each in drifted] == [("water_temperature", False)]
    assert ill.house.registry.things["pool"].level < Level.LIVE_READ
    assert await ill.house.proof.canary("pool-light", ill.context()) == ()  # its part of the answer is the same
    reply = await ill.say("set the pool to 31 degrees")
    assert reply.asked  # it is not driven any more without a yes
    confirmed = await ill.agree(reply)
    assert not confirmed.effects[0].verified
    assert confirmed.effects[0].problem
    assert ill.truth("pool")["bodies"]["Pool"]["set_point"] == 82
    await ill.well("pool")
    assert await ill.house.proof.canary("pool", ill.context()) == ()
    assert ill.house.registry.things["pool"].level is Level.LIVE_READ
    assert (await ill.order("set the pool to 30 degrees")).verified
