"""Bodies on HTTP wires: JSON values to bytes, and whatever a device answers to JSON values."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from claw.errors import AnswerTooLarge, DeviceGarbage
from claw.model.json import Json
from claw.protocols.binding import MAX_ANSWER

MAX_DEPTH = 64
ZLIB, RAW, GZIP_OR_ZLIB = 15, -15, 47  # zlib's window bits
FORM = "application/x-www-form-urlencoded"


def encode(payload: Json, content_type: str) -> bytes | None:
    """The bytes of a request body; None for no body at all."""
    if payload is None:
        return None
    if content_type == FORM and isinstance(payload, Mapping):
        return urlencode({key: _plain(value) for key, value in payload.items()}).encode()
    if isinstance(payload, str) and "json" not in content_type:
        return payload.encode()
    return json.dumps(payload, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def decode(data: bytes, content_type: str = "", charset: str = "") -> Json:
    """The JSON value of an answer: JSON first, whatever the content type claims, then XML, then text.

    None when empty. Raises DeviceGarbage when the device said JSON or XML and sent something else.
    """
    content = text(data, charset).strip(" \t\r\n\0\ufeff")
    if not content:
        return None
    if content[0] == "<":
        return _markup(content, content_type)
    try:
        parsed: Json = json.loads(content, strict=False, parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        if "json" in content_type:
            raise DeviceGarbage("The device said JSON and sent something else. Is this the right path?") from error
        return content
    return parsed


def text(data: bytes, charset: str = "") -> str:
    """Text in the given charset when it fits, UTF-8 otherwise, Latin-1 at last; never fails."""
    for name in (charset, "utf-8"):
        try:
            if name:
                return data.decode(name)
        except (LookupError, ValueError):
            continue
    return data.decode("latin-1")


def _markup(content: str, content_type: str) -> Json:
    try:
        return xml(content)
    except DeviceGarbage:
        if "xml" in content_type and "html" not in content_type:
            raise
        return content


def parse_xml(content: str | bytes) -> Element:
    """The root element; entities and external references are refused. Raises DeviceGarbage."""
    try:
        root: Element = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise DeviceGarbage("The device sent XML that is broken or refers elsewhere.") from error
    return root


def xml(content: str | bytes) -> Json:
    """XML as plain values: attributes are `@name`, repeated children lists, text beside others `#text`."""
    root = parse_xml(content)
    return {local(root.tag): _value(root, 1)}


def local(tag: str) -> str:
    """A tag or attribute name without its namespace."""
    return tag.rpartition("}")[2]


def _value(element: Element, depth: int) -> Json:
    if depth > MAX_DEPTH:
        raise DeviceGarbage(f"The device sent XML nested deeper than {MAX_DEPTH} levels.")
    content = (element.text or "").strip()
    result: dict[str, Any] = {f"@{local(name)}": value for name, value in element.attrib.items()}
    for child in element:
        name, value = local(child.tag), _value(child, depth + 1)
        if name not in result:
            result[name] = value
        elif isinstance(result[name], list):
            result[name].append(value)
        else:
            result[name] = [result[name], value]
    if not result:
        return content or None
    if content:
        result["#text"] = content
    return result


class Inflate:
    """Undoes a content encoding piece by piece and never yields more than `limit` bytes in all."""

    def __init__(self, encoding: str, limit: int = MAX_ANSWER) -> None:
        self._encoding = encoding.strip().lower()
        self._packed = self._encoding not in ("", "identity")
        self._z = zlib.decompressobj(ZLIB if self._encoding == "deflate" else GZIP_OR_ZLIB)
        self._limit = limit
        self._size = 0

    def expect(self, length: int) -> None:
        """What the device announces. Raises AnswerTooLarge, and DeviceGarbage for an encoding nobody asked for."""
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise DeviceGarbage(f"The device packed its answer as {self._encoding[:20]!r}, which nobody asked for.")
        self._check(length)

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Plain bytes for these packed ones. Raises AnswerTooLarge and DeviceGarbage."""
        while data:
            piece, data = self._unpack(data) if self._packed else (data, b"")
            self._size += len(piece)
            self._check(self._size)
            yield piece

    def finish(self) -> None:
        """The answer is complete. Raises DeviceGarbage when its compressed form is not."""
        if self._packed and self._size and not self._z.eof:
            raise DeviceGarbage("The device hung up in the middle of a compressed answer.")

    def _check(self, size: int) -> None:
        if size > self._limit:
            raise AnswerTooLarge(f"The device answered more than {self._limit} bytes; it was not read to the end.")

    def _unpack(self, data: bytes) -> tuple[bytes, bytes]:
        room = self._limit + 1 - self._size
        try:
            return self._z.decompress(data, room), self._z.unconsumed_tail
        except zlib.error as error:
            if self._encoding != "deflate" or self._size:
                raise DeviceGarbage("The device sent a damaged compressed answer.") from error
        self._encoding = "raw deflate"  # which some servers mean when they say deflate
        self._z = zlib.decompressobj(RAW)
        return self._unpack(data)
