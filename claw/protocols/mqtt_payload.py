"""MQTT payloads and topics as JSON values, bounded and lenient. Pure."""

from __future__ import annotations

import json
import math
from typing import Final, NoReturn

from claw.errors import NotSupported
from claw.model.json import Json

MAX_PAYLOAD: Final = 256 * 1024  # bytes; a state is small, and a camera's picture is not a state
_MAX_TOPIC: Final = 512


def decode(payload: bytes) -> Json:
    """JSON where it parses to finite values, else text."""
    text = payload.decode("utf-8", "replace")
    try:
        value: Json = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, float) and not math.isfinite(value) else value


def encode(value: Json) -> str:
    """Text as it is, everything else as compact JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def topic_of(text: object) -> str:
    """`text` if it is the name of exactly one topic that a thing may use. Raises NotSupported."""
    if (
        not isinstance(text, str)
        or not 0 < len(text) <= _MAX_TOPIC
        or text.startswith("$")  # the broker's own
        or any(letter in "+#" or ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 for letter in text)  # noqa: PLR2004 - MQTT 4.7.3: no wildcards, controls, surrogates
    ):
        raise NotSupported(f"{str(text)[:80]!r} is not a topic that one thing may use.")
    return text


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)
