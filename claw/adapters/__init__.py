"""Adapters: one product each, as data."""

from claw.adapters.adapter import (
    Adapter,
    BoundAction,
    BoundProperty,
    Credential,
    EndpointSpec,
    Expand,
    FormTemplate,
    IdentitySpec,
    MatchRule,
    ProbeSpec,
    UnitModel,
)
from claw.adapters.document import parse
from claw.adapters.expand import UnitInstance
from claw.adapters.match import Candidate, candidates, confirm

__all__ = [
    "Adapter",
    "BoundAction",
    "BoundProperty",
    "Candidate",
    "Credential",
    "EndpointSpec",
    "Expand",
    "FormTemplate",
    "IdentitySpec",
    "MatchRule",
    "ProbeSpec",
    "UnitInstance",
    "UnitModel",
    "candidates",
    "confirm",
    "parse",
]
