"""Bodies: what devices really send becomes plain values, bounded, and never a crash."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Mapping
from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claw.errors import AnswerTooLarge, DeviceError, DeviceGarbage
from claw.model.json import Json
from claw.protocols.http_body import Inflate, decode, encode, xml

TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
VALUES = st.recursive(
    SCALARS | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(VALUES.filter(lambda value: value is not None))
def test_json_survives_the_wire(value: Json) -> None:
    body = encode(value, "application/json")
    assert body is not None
    assert decode(body, "application/json") == value
    assert decode(body, "text/html") == value, "the content type is often wrong"


@given(st.binary(max_size=200), st.sampled_from(["", "application/json", "text/xml", "text/html", "image/png"]), TEXT)
def test_any_bytes_become_a_value_or_a_device_error(data: bytes, kind: str, charset: str) -> None:
    with suppress(DeviceError):
        json.dumps(decode(data, kind, charset))


@pytest.mark.parametrize(
    ("data", "kind", "expected"),
    [
        (b"", "application/json", None),
        (b" \r\n\0", "", None),
        (b'\xef\xbb\xbf{"a": 1}\0\0', "text/plain", {"a": 1}),
        (b'{"a": "line\nbreak"}', "application/json", {"a": "line\nbreak"}),
        (b'{"a": NaN}', "application/json", {"a": None}),
        (b"23.5", "text/plain", 23.5),
        (b"ON", "text/plain", "ON"),
        (b"007", "text/plain", "007"),
        ("Büro".encode("latin-1"), "text/plain", "Büro"),
        (b"<!doctype html><html><br></html>", "text/html", "<!doctype html><html><br></html>"),
        (b"<a><b>1</b><b>2</b></a>", "text/plain", {"a": {"b": ["1", "2"]}}),
        (b'<r x="1">t<n:c xmlns:n="u" n:y="2"/></r>', "text/xml", {"r": {"@x": "1", "#text": "t", "c": {"@y": "2"}}}),
    ],
)
def test_lenient_reading(data: bytes, kind: str, expected: Json) -> None:
    assert decode(data, kind) == expected


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b'{"a": ', "application/json"),
        (b"<html>login</html", "application/xml"),
        (b"[" * 100_000, "application/json"),
        (b"9" * 10_000, "application/json"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "text/xml"),
        (b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "text/xml"),
        (b"<a>" * 100 + b"</a>" * 100, "text/xml"),
    ],
)
def test_what_breaks_its_own_promise_is_garbage(data: bytes, kind: str) -> None:
    with pytest.raises(DeviceGarbage) as caught:
        decode(data, kind)
    assert len(str(caught.value)) < 200


@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,8}", fullmatch=True), st.lists(TEXT.map(str.strip), min_size=2), max_size=4
    )
)
def test_repeated_xml_children_are_lists(tree: Mapping[str, list[str]]) -> None:
    inner = "".join(f"<{name}>{escape(item)}</{name}>" for name, items in tree.items() for item in items)
    expected = {name: [item or None for item in items] for name, items in tree.items()}
    assert xml(f"<root>{inner}</root>") == {"root": expected or None}


@given(st.binary(max_size=5000), st.sampled_from(["", "identity", "gzip", "deflate", "raw"]), st.integers(1, 97))
def test_inflate_gives_back_what_was_packed_whatever_the_pieces(data: bytes, encoding: str, step: int) -> None:
    packed, name = data, encoding
    if encoding == "gzip":
        packed = gzip.compress(data)
    elif encoding == "deflate":
        packed = zlib.compress(data)
    elif encoding == "raw":
        packer = zlib.compressobj(wbits=-15)
        packed, name, step = packer.compress(data) + packer.flush(), "deflate", 1 << 20
    inflate = Inflate(name)
    inflate.expect(len(packed))
    pieces = [piece for at in range(0, len(packed), step) for piece in inflate.feed(packed[at : at + step])]
    inflate.finish()
    assert b"".join(pieces) == data


@given(st.integers(0, 3000), st.sampled_from(["", "gzip"]))
def test_inflate_never_yields_more_than_its_limit(size: int, encoding: str) -> None:
    data = b"\0" * size
    inflate = Inflate(encoding, limit=1000)
    got = 0
    try:
        for piece in inflate.feed(gzip.compress(data) if encoding else data):
            got += len(piece)
    except AnswerTooLarge:
        assert size > 1000
    else:
        assert got == size
    assert got <= 1000


def test_a_damaged_or_unfinished_archive_is_garbage() -> None:
    with pytest.raises(DeviceGarbage, match="damaged"):
        list(Inflate("gzip").feed(b"not gzip at all"))
    with pytest.raises(DeviceGarbage, match="damaged"):
        list(Inflate("deflate").feed(b"\xff\xff\xff\xff"))
    inflate = Inflate("gzip")
    list(inflate.feed(gzip.compress(b"x" * 5000)[:-9]))
    with pytest.raises(DeviceGarbage, match="middle"):
        inflate.finish()
    with pytest.raises(DeviceGarbage, match="nobody asked"):
        Inflate("br").expect(0)
