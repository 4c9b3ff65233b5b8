from __future__ import annotations

import statistics
import time
from dataclasses import replace

from claw.model.house import House, HouseThing
from claw.understanding import understand
from claw.understanding.index import index
from tests.tools.rooms import small_house


def test_kept_while_the_revision_lasts() -> None:
    rooms = small_house()
    first = index(rooms.house())
    assert index(rooms.house()) is first  # another object with the same names
    rooms.add("Desk lamp", "light", "bedroom", on_off=True)
    assert index(rooms.house()) is not first


def test_equal_revisions_of_different_houses_are_kept_apart() -> None:
    one = House((HouseThing("a", "Lamp", "light", properties=frozenset({"on_off"})),))
    two = House((HouseThing("b", "Lamp", "light", properties=frozenset({"on_off"})),))
    assert understand("lamp on", one).commands[0].targets == ("a",)
    assert understand("lamp on", two).commands[0].targets == ("b",)


def test_state_does_not_rebuild() -> None:
    house = small_house().house()
    warm = replace(house, things=tuple(replace(t, state={"on_off": True}) for t in house.things))
    assert index(house) is index(warm)


def test_names_beat_words_and_longer_beats_shorter() -> None:
    rooms = small_house()
    rooms.add("Stop light", "light", "bedroom", on_off=True)
    rooms.add("Floor lamp two", "light", "bedroom", on_off=True)
    house = rooms.house()
    assert understand("turn on the stop light", house).commands[0].targets == ("stop_light",)
    assert understand("turn on floor lamp two", house).commands[0].targets == ("floor_lamp_two",)


def test_aliases_that_only_describe_name_nobody() -> None:
    rooms = small_house()
    lamp = rooms.things["counter_lamp"]
    rooms.things["counter_lamp"] = replace(lamp, aliases=("kitchen lights", "worktop"))
    house = replace(rooms.house(), revision=99)
    assert len(understand("kitchen lights off", house).commands[0].targets) == 3
    assert understand("worktop off", house).commands[0].targets == ("counter_lamp",)


def test_median_under_a_millisecond_in_a_house_of_a_hundred_things() -> None:
    rooms = small_house()
    for at in range(100):
        rooms.add(f"Spot {at}", "light", "bedroom", on_off=True, brightness=10)
    house = rooms.house()
    texts = [
        "turn on spot 57",
        "kitchen lights off",
        "all lights off except the bedroom",
        "what's on?",
        "living room 21",
    ]
    understand(texts[0], house)
    spent = []
    for text in texts * 20:
        before = time.thread_time()
        understand(text, house)
        spent.append(time.thread_time() - before)
    assert statistics.median(spent) < 0.001
