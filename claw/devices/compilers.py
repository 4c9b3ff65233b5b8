"""The compilers of self-describing devices, each loaded when the first such device is adopted: a start needs none."""

from __future__ import annotations

from collections.abc import Sequence

from claw.model.json import Json, JsonObject


def hap_documents(evidence: Json) -> Sequence[JsonObject]:
    """Adapters made of a HomeKit accessory database."""
    from claw.adapters.propose_hap import propose  # noqa: PLC0415 - as the file says

    return propose(evidence)


def upnp_documents(evidence: Json) -> Sequence[JsonObject]:
    """Adapters made of a UPnP device description and its services."""
    from claw.adapters.propose_upnp import propose  # noqa: PLC0415 - as the file says

    return propose(evidence)


def mqtt_documents(evidence: Json) -> Sequence[JsonObject]:
    """Adapters made of what devices announced to a broker."""
    from claw.adapters.propose_mqtt import propose  # noqa: PLC0415 - as the file says

    return propose(evidence)
