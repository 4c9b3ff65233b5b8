"""How one operation looks on the wire, and which machine it goes to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claw.model.json import Json


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The machine a form is sent to. The host comes from discovery alone, never from a document.

    `auth` is one of none, basic, digest, bearer, header, uri; `secret` the reference of the credential in the
    secret store; `auth_name` the header name (for `header`) or the URI variable (for `uri`).
    `path`: path and query of the announced location, for a wire that has no paths of its own.
    """

    host: str
    port: int
    scheme: str = "http"
    device_id: str = ""
    auth: str = "none"
    auth_name: str = ""
    secret: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """One resolved operation: `href` relative to the endpoint with every variable filled in.

    `op`: readproperty, writeproperty, invokeaction or observeproperty. `terms`: the prefixed terms a binding
    understands (`hap:iid`, `upnp:service`, `claw:select` ...), variables filled in as well.
    """

    op: str
    href: str
    method: str = ""
    content_type: str = "application/json"
    terms: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Target:
    """A form aimed at an endpoint: all that a binding needs to know."""

    endpoint: Endpoint
    form: Form
