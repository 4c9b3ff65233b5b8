"""The law of replies: only what was read back is told as fact."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from claw.brains.reply import report
from claw.brains.soul import Phrases, phrases
from claw.brains.wording import Wording
from claw.model.effect import Effect
from tests.tools.rooms import small_house

ROOMS = small_house()
SUCCESS = re.compile(
    r"\b(done|okay|ok|success\w*|succeeded|finished|ready|complete[d]?|all set|sorted|put back)\b", re.IGNORECASE
)
FACTS = {"is", "is_proved", "already"}


def effects(verified: st.SearchStrategy[bool]) -> st.SearchStrategy[list[Effect]]:
    return st.lists(
        st.builds(
            Effect,
            thing=st.sampled_from(sorted(ROOMS.things)),
            property=st.sampled_from(["on_off", "brightness", "position", "locked", "playback", "color", "next"]),
            old=st.sampled_from([None, True, False, 20, "paused"]),
            new=st.sampled_from([None, True, False, 20, "paused", {"hue": 120, "saturation": 100}]),
            asked=st.sampled_from([True, False, 60, "playing"]),
            verified=verified,
            ms=st.floats(0, 9999),
            problem=st.sampled_from(["", "superseded", "It is unplugged.", "It gives no way to check."]),
            settling=st.booleans(),
        ),
        min_size=1,
        max_size=8,
    )


def words(voice: Phrases) -> Wording:
    return Wording(voice, ROOMS.things, ROOMS.areas, "C")


class Marked(Phrases):
    """Says which template was used, and of what."""

    def say(self, name: str, /, **fields: object) -> str:
        return f"<{name}|{fields.get('what', '')}>"


@given(effects(st.booleans()))
def test_facts_are_told_of_verified_effects_only(found: list[Effect]) -> None:
    marked = Marked(phrases()._data)
    told = re.findall(r"<(\w+)\|([^>]*)>", report(found, words(marked), ROOMS.things))
    last = {(e.thing, e.property): e for e in found}
    sure = {e.thing for e in last.values() if e.verified}
    for name, what in told:
        if name in FACTS:
            counted = re.match(r"(\d+) ", what)
            if counted:
                assert int(counted[1]) <= len(sure)
            else:
                assert set(re.split(r", | and ", what)) <= {ROOMS.things[t].title for t in sure}


@given(effects(st.just(value=False)))
def test_nothing_unverified_sounds_like_success(found: list[Effect]) -> None:
    text = report(found, words(phrases()), ROOMS.things)
    assert text
    assert not SUCCESS.search(text)
    assert "read back" not in text
    assert "already" not in text


@given(effects(st.booleans()))
def test_every_thing_that_failed_is_named_or_its_problem_told(found: list[Effect]) -> None:
    text = report(found, words(phrases()), ROOMS.things)
    for effect in {(e.thing, e.property): e for e in found}.values():
        if not effect.verified:
            title = ROOMS.things[effect.thing].title
            counted = re.search(r"\d+ (lights|speakers)", text)
            assert title in text or (effect.problem and effect.problem in text) or counted


def test_no_sentence_of_the_soul_claims_success_but_the_gated_one() -> None:
    claiming = {name for name, text in phrases().templates.items() if SUCCESS.search(text)}
    assert claiming == {"undone"}  # said only when every effect is verified
