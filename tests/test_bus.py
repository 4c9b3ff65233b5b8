from __future__ import annotations

import anyio

from claw.bus import Bus
from claw.model.context import Context
from claw.model.events import OnlineChanged, ThingAdded, ThingRemoved

CONTEXT = Context.new("test")


async def test_only_subscribed_classes_arrive_in_order() -> None:
    bus = Bus()
    with bus.subscribe(ThingAdded, ThingRemoved) as events:
        bus.publish(ThingAdded(context=CONTEXT, thing="a"))
        bus.publish(OnlineChanged(context=CONTEXT, thing="a", online=False))
        bus.publish(ThingRemoved(context=CONTEXT, thing="a"))
        with anyio.fail_after(1):
            first, second = await events.next(), await events.next()
    assert isinstance(first, ThingAdded)
    assert isinstance(second, ThingRemoved)


async def test_a_slow_subscriber_drops_and_is_counted_while_others_get_all() -> None:
    bus = Bus()
    with bus.subscribe(ThingAdded, buffer=2) as slow, bus.subscribe(ThingAdded, buffer=100) as quick:
        for n in range(10):
            bus.publish(ThingAdded(context=CONTEXT, thing=str(n)))
        assert slow.dropped == 8
        assert bus.dropped == 8
        assert [(await quick.next()).thing for _ in range(10)] == [str(n) for n in range(10)]
        assert [(await slow.next()).thing for _ in range(2)] == ["0", "1"]


async def test_publishing_after_everyone_left_is_harmless() -> None:
    bus = Bus()
    with bus.subscribe(ThingAdded):
        pass
    bus.publish(ThingAdded(context=CONTEXT, thing="a"))
    assert bus.published == 1
    assert bus.dropped == 0


async def test_a_reader_that_closes_inside_the_block_does_not_break_the_publisher() -> None:
    bus = Bus()
    with bus.subscribe(ThingAdded) as events:
        events.close()
        bus.publish(ThingAdded(context=CONTEXT, thing="a"))
    assert bus.published == 1
