"""Basic (RFC 7617) and digest (RFC 2069, 7616: MD5, SHA-256) credentials for RTSP; nothing is sent from here."""

from __future__ import annotations

import hashlib
import re
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping

_PARAMETER = re.compile(r'([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_HASHES: Mapping[str, Callable[[bytes], str]] = {
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),  # what most cameras speak
}


def authorization(challenges: Iterable[str], login: tuple[str, str], method: str, uri: str) -> str | None:
    """The header that answers the best of a camera's challenges; None where none of them is known."""
    offers: dict[str, Mapping[str, str]] = {}
    for challenge in challenges:
        scheme, _, rest = challenge.strip().partition(" ")
        fields = {key.lower(): quoted or plain for key, quoted, plain in _PARAMETER.findall(rest)}
        kind = "basic" if scheme.lower() == "basic" else fields.get("algorithm", "MD5").upper()
        if scheme.lower() == "basic" or (scheme.lower() == "digest" and kind in _HASHES and _usable(fields)):
            offers.setdefault(kind, fields)
    for algorithm, digest in _HASHES.items():
        if algorithm in offers:
            return _digest(offers[algorithm], digest, login, method, uri)
    if "basic" in offers:
        return f"Basic {b64encode(':'.join(login).encode()).decode()}"
    return None


def _usable(fields: Mapping[str, str]) -> bool:
    """With a nonce, and a protection that is there without a body to protect."""
    return bool(fields.get("nonce")) and ("qop" not in fields or "auth" in _words(fields["qop"]))


def _words(text: str) -> list[str]:
    return [word.strip().lower() for word in text.split(",")]


def _digest(
    fields: Mapping[str, str], digest: Callable[[bytes], str], login: tuple[str, str], method: str, uri: str
) -> str:
    user, password = login
    realm, nonce = fields.get("realm", ""), fields["nonce"]
    first = digest(f"{user}:{realm}:{password}".encode())
    second = digest(f"{method}:{uri}".encode())
    parts = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{uri}"']
    if "qop" in fields:
        count, own = "00000001", secrets.token_hex(8)
        answer = digest(f"{first}:{nonce}:{count}:{own}:auth:{second}".encode())
        parts += ["qop=auth", f"nc={count}", f'cnonce="{own}"']
    else:
        answer = digest(f"{first}:{nonce}:{second}".encode())
    parts.append(f'response="{answer}"')
    parts += [f"algorithm={fields['algorithm']}"] if "algorithm" in fields else []
    parts += [f'opaque="{fields["opaque"]}"'] if "opaque" in fields else []
    return f"Digest {', '.join(parts)}"
