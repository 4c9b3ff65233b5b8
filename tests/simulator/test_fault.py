from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import InvalidValue
from claw.simulator import Fault

json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=5,
)
flags = st.fixed_dictionaries(
    {},
    optional={name: st.booleans() for name in ("offline", "wrong_address", "new_firmware", "garbage", "mute")}
    | {"slow": st.floats(0, 60)},
)


@given(flags)
def test_what_was_parsed_reads_back(document: dict[str, bool | float]) -> None:
    fault = Fault.parse(document)
    assert Fault.parse(fault.to_json()) == fault
    assert all(fault.to_json()[name] == value for name, value in document.items())


@given(st.dictionaries(st.text(max_size=6) | st.sampled_from(["slow", "mute"]), json) | json)
def test_anything_else_is_refused_in_words(document: object) -> None:
    try:
        said = str(Fault.parse(document))  # type: ignore[arg-type]
    except InvalidValue as error:
        said = str(error)
    assert 0 < len(said) < 400
    assert said.isprintable()


@pytest.mark.parametrize("document", [{"slow": -1}, {"slow": True}, {"mute": 1}, {"mtue": True}, [], None])
def test_nearly_right_is_refused(document: object) -> None:
    with pytest.raises(InvalidValue):
        Fault.parse(document)  # type: ignore[arg-type]
