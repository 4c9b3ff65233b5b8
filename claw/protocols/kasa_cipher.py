"""The disguise of TP-Link Kasa's local protocol: each byte is XORed with the encrypted byte before it, from 171 on.

Over TCP a message follows its length, four bytes; over UDP it stands alone.
"""

from __future__ import annotations

PORT = 9999
_KEY = 171


def encrypt(text: str) -> bytes:
    """The wire form of a question."""
    made = bytearray()
    for byte in text.encode():
        made.append(byte ^ (made[-1] if made else _KEY))
    return bytes(made)


def decrypt(data: bytes) -> str:
    """The text of an answer."""
    return bytes(a ^ b for a, b in zip(data, bytes([_KEY]) + data, strict=False)).decode("utf-8", "replace")
