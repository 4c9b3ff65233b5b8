"""The codec laws: every op inverts, chains invert, and no value whatever brings anything but CodecError."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.adapters import codec
from claw.adapters.codec import OPS
from claw.errors import CodecError
from tests.adapters.mangle import anything

whole = st.integers(-100_000, 100_000)
small = st.integers(-500, 500)


def spans() -> st.SearchStrategy[list[int]]:
    return st.lists(small, min_size=2, max_size=2, unique=True)


scales = st.builds(lambda a, b: {"op": "scale", "from": a, "to": b}, spans(), spans())
offsets = st.builds(lambda by: {"op": "offset", "by": by}, small)
reciprocals = st.builds(lambda of: {"op": "reciprocal", "of": of}, st.integers(1, 1_000_000))
bits = st.builds(lambda shift, width: {"op": "bits", "mask": ((1 << width) - 1) << shift, "shift": shift},
                 st.integers(0, 8), st.integers(1, 8))  # fmt: skip
casts = st.builds(
    lambda to, wire: {"op": "cast", "to": to, "wire": wire},
    *[st.sampled_from(["integer", "number", "string", "boolean"])] * 2,
)
enums = st.dictionaries(st.integers(0, 99).map(str), st.integers(0, 99), min_size=1, max_size=6).map(
    lambda table: {"op": "enum", "map": table}
)
rounds = st.builds(lambda digits: {"op": "round", "digits": digits}, st.integers(0, 4))
colors = st.sampled_from(["hsv_deg", "hsv_16", "xy", "rgb", "rgb_list", "hex"]).map(
    lambda w: {"op": "color", "wire": w}
)
any_op = st.one_of(scales, offsets, reciprocals, bits, casts, enums, rounds, colors)


@given(step=scales, share=st.floats(0, 1))
def test_scale_inverts_within_its_span(step: dict[str, Any], share: float) -> None:
    low, high = step["from"]
    wire = low + share * (high - low)
    assert codec.encode([step], codec.decode([step], wire)) == pytest.approx(wire, abs=1e-6)


@given(step=scales, value=small)
def test_scale_never_writes_outside_its_span(step: dict[str, Any], value: int) -> None:
    wire = codec.encode([step], value)
    assert min(step["from"]) <= wire <= max(step["from"])  # type: ignore[operator]


@given(step=offsets, wire=whole)
def test_offset_inverts(step: dict[str, Any], wire: int) -> None:
    assert codec.encode([step], codec.decode([step], wire)) == wire


@given(mired=st.integers(100, 1000))
def test_mired_and_kelvin_invert_for_every_integer(mired: int) -> None:
    steps = [{"op": "round"}, {"op": "reciprocal", "of": 1_000_000}, {"op": "round", "digits": 0}]
    kelvin = codec.decode(steps, mired)
    assert kelvin == round(1_000_000 / mired)
    assert codec.encode(steps, kelvin) == mired


@given(step=bits, wire=st.integers(0, 65535))
def test_bits_invert_up_to_their_mask(step: dict[str, Any], wire: int) -> None:
    assert codec.encode([step], codec.decode([step], wire)) == wire & step["mask"]


@given(table=st.dictionaries(st.integers(0, 99), st.text(max_size=8), min_size=1))
def test_enum_inverts_to_the_first_key_with_that_value(table: dict[int, str]) -> None:
    step = {"op": "enum", "map": {str(key): value for key, value in table.items()}}
    for wire, value in table.items():
        assert codec.decode([step], wire) == value
        first = next(key for key, each in table.items() if each == value)
        assert codec.encode([step], value) == first


def test_enum_compares_as_json_text() -> None:
    step = {"op": "enum", "map": {"0": "number", '"0"': "text", "true": "yes", "null": "nothing", "ON": "word"}}
    for wire, human in ((0, "number"), ("0", "text"), (True, "yes"), (None, "nothing"), ("ON", "word")):
        assert codec.decode([step], wire) == human
        back = codec.encode([step], human)
        assert back == wire
        assert type(back) is type(wire)
    with pytest.raises(CodecError, match="'OFF' is not listed"):
        codec.decode([step], "OFF")


def test_enum_default_is_for_reading_only_and_not_for_nothing() -> None:
    step = {"op": "enum", "map": {"1": "on"}, "default": "off"}
    assert codec.decode([step], 17) == "off"
    with pytest.raises(CodecError):
        codec.decode([step], None)
    with pytest.raises(CodecError, match="'off' cannot be written; there are: on"):
        codec.encode([step], "off")


@pytest.mark.parametrize(
    ("wire", "to", "text", "human"),
    [("string", "number", "21.5", 21.5), ("string", "integer", "7", 7), ("integer", "boolean", 1, True),
     ("string", "boolean", "true", True), ("number", "string", 5, "5"), ("integer", "number", 3, 3)],
)  # fmt: skip
def test_cast_inverts(wire: str, to: str, text: object, human: object) -> None:
    step: dict[str, Any] = {"op": "cast", "to": to, "wire": wire}
    got = codec.decode([step], text)  # type: ignore[arg-type]
    assert (got, type(got)) == (human, type(human))
    back = codec.encode([step], got)
    assert (back, type(back)) == (text, type(text))


def test_round_left_out_means_whole_numbers_on_the_wire() -> None:
    assert codec.encode([{"op": "round"}], 12.6) == 13
    assert codec.decode([{"op": "round"}], 12.6) == 12.6
    assert codec.encode([{"op": "round", "digits": 1}], 12.64) == 12.64
    assert codec.decode([{"op": "round", "digits": 1}], 12.64) == 12.6
    assert codec.encode([{"op": "round", "wire_digits": 1}], 12.64) == 12.6


@given(chain=st.lists(scales | offsets, max_size=5), wire=small)
def test_chains_of_exact_ops_invert(chain: list[dict[str, Any]], wire: int) -> None:
    lowest, highest = -math.inf, math.inf
    try:
        value = codec.decode(chain, wire)
    except CodecError:
        return  # a steep chain left the range that we carry
    back = codec.encode(chain, value)
    # a scale clamps what it writes: only a wire value inside every span must come back
    probe: Any = wire
    for step in chain:
        if step["op"] == "scale" and not min(step["from"]) <= probe <= max(step["from"]):
            lowest = highest = 0
        probe = codec.decode([step], probe)
    if highest > lowest:
        scale = max(1.0, *(abs(float(codec.decode(chain[:n], wire))) for n in range(len(chain) + 1)))  # type: ignore[arg-type]
        assert back == pytest.approx(wire, abs=1e-6 * scale)


@given(level=st.integers(0, 254))
def test_a_byte_of_brightness_survives_the_trip_through_percent(level: int) -> None:
    steps = [{"op": "round"}, {"op": "scale", "from": [0, 254], "to": [0, 100]}, {"op": "round", "digits": 1}]
    assert codec.encode(steps, codec.decode(steps, level)) == level


@given(chain=st.lists(any_op, max_size=5), value=anything)
def test_any_value_at_all_brings_a_value_or_a_codec_error(chain: list[dict[str, Any]], value: Any) -> None:
    for way in (codec.decode, codec.encode):
        try:
            result = way(chain, value)
        except CodecError:
            continue
        assert not chain or not isinstance(result, float) or math.isfinite(result)


@pytest.mark.parametrize("op", sorted(set(OPS) - {"enum"}))
@pytest.mark.parametrize("value", [None, math.nan, math.inf, -math.inf, "garbage", [], {}, 10**400, "9" * 5000])
def test_what_is_no_number_is_refused(op: str, value: Any) -> None:
    step: dict[str, Any] = {
        "scale": {"from": [0, 1], "to": [0, 2]}, "offset": {"by": 1}, "reciprocal": {"of": 1}, "round": {"digits": 1},
        "cast": {"to": "number", "wire": "number"}, "bits": {"mask": 1, "shift": 0}, "color": {"wire": "rgb"},
    }[op]  # fmt: skip
    for way in (codec.decode, codec.encode):
        with pytest.raises(CodecError):
            way([{"op": op, **step}], value)


def test_nothing_to_divide_by() -> None:
    with pytest.raises(CodecError):
        codec.decode([{"op": "reciprocal", "of": 1e6}], 0)


def test_an_unknown_op_is_named() -> None:
    with pytest.raises(CodecError, match="no codec op 'scael'"):
        codec.decode([{"op": "scael"}], 1)


def test_whole_results_are_whole() -> None:
    assert repr(codec.decode([{"op": "scale", "from": [0, 10], "to": [0, 100]}], 3)) == "30"
