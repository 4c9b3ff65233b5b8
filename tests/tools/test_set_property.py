from __future__ import annotations

import anyio
import pytest

from claw.errors import InvalidValue, NotFound
from claw.tools.toolbox import Toolbox
from tests.tools.rooms import Rooms, caller, small_house


@pytest.fixture
def rooms() -> Rooms:
    return small_house()


async def put(rooms: Rooms, things: list[str], name: str, value: object = None, **extra: object) -> list[object]:
    arguments = {"things": things, "property": name, "value": value, **extra}
    return list((await Toolbox(rooms.desk()).call("set_property", arguments, caller())).effects)


async def test_many_at_once_and_each_on_its_own(rooms: Rooms) -> None:
    rooms.leave("sink_lamp")
    rooms.gate = anyio.Event()
    found: list[object] = []

    async def order() -> None:
        found.extend(await put(rooms, ["kitchen_light", "sink_lamp", "counter_lamp"], "on_off", value=True))

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(order)
            await anyio.wait_all_tasks_blocked()
            assert rooms.most_together == 3
            rooms.gate.set()
    assert [(e.thing, e.verified) for e in found] == [
        ("kitchen_light", True), ("sink_lamp", False), ("counter_lamp", True),
    ]  # fmt: skip
    assert "does not answer" in found[1].problem


async def test_a_step_is_taken_from_a_fresh_reading(rooms: Rooms) -> None:
    rooms.values["floor_lamp"]["brightness"] = 70  # the last reading said 50
    (effect,) = await put(rooms, ["floor_lamp"], "brightness", 20, relative=True)
    assert effect.new == 90


@pytest.mark.parametrize(("step", "now"), [(80, 100), (-80, 1)])
async def test_steps_end_at_the_range_and_dimming_never_ends_in_the_dark(rooms: Rooms, step: int, now: int) -> None:
    (effect,) = await put(rooms, ["floor_lamp"], "brightness", step, relative=True)
    assert effect.new == now


async def test_a_toggle_reads_first(rooms: Rooms) -> None:
    rooms.values["floor_lamp"]["on_off"] = False  # someone used the switch
    (effect,) = await put(rooms, ["floor_lamp"], "on_off", toggle=True)
    assert effect.new is True


async def test_a_step_on_a_thing_that_left_names_it_and_spares_the_others(rooms: Rooms) -> None:
    rooms.leave("floor_lamp")
    gone, there = await put(rooms, ["floor_lamp", "bedside_lamp"], "brightness", 10, relative=True)
    assert not gone.verified
    assert "Floor lamp" in gone.problem
    assert there.new == 40


async def test_brightness_wakes_a_lamp_and_zero_turns_it_off(rooms: Rooms) -> None:
    await put(rooms, ["kitchen_light"], "brightness", 30)
    assert rooms.sent == [("kitchen_light", "on_off", True), ("kitchen_light", "brightness", 30)]
    await put(rooms, ["kitchen_light"], "brightness", 0)
    assert rooms.sent[-1] == ("kitchen_light", "on_off", False)


async def test_a_lamp_that_does_not_wake_is_not_pushed_further(rooms: Rooms) -> None:
    rooms.stuck.add("kitchen_light")
    (effect,) = await put(rooms, ["kitchen_light"], "brightness", 30)
    assert (effect.property, effect.verified) == ("on_off", False)


async def test_out_of_range_is_refused_before_anything_is_woken(rooms: Rooms) -> None:
    with pytest.raises(InvalidValue, match="150"):
        await put(rooms, ["kitchen_light"], "brightness", 150)
    assert rooms.sent == []


async def test_no_thing_and_unknown_things(rooms: Rooms) -> None:
    with pytest.raises(InvalidValue):
        await put(rooms, [], "on_off", value=True)


async def test_a_step_must_be_a_number(rooms: Rooms) -> None:
    with pytest.raises(InvalidValue, match="step"):
        await put(rooms, ["floor_lamp"], "brightness", "more", relative=True)


async def test_a_thing_that_does_not_exist_is_not_found(rooms: Rooms) -> None:
    with pytest.raises(NotFound):
        await put(rooms, ["nothing_here"], "on_off", value=True)
