"""What a HomeKit accessory is called, without the mark of its HAP id that some put behind the name."""

from __future__ import annotations

import hashlib


def plain(name: str, hap_id: str) -> str:
    """`Desk Lamp 83BF` gives `Desk Lamp`, where 83BF comes of the id: a hash of it (hap-nodejs) or its end."""
    rest, _, mark = name.rpartition(" ")
    if not rest or not hap_id:
        return name
    id_ = hap_id.upper()
    hashed = hashlib.sha512(id_.encode()).hexdigest()[:4].upper()
    ends = {id_.replace(":", "")[-size:] for size in (4, 6)}
    return rest if mark.upper().replace(":", "") in {hashed, *ends} else name
