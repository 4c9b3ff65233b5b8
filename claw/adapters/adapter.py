"""What an adapter document becomes once it is parsed: frozen values, no JSON left to misread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from claw.model.affordance import Action, Property
from claw.model.identity import Scheme
from claw.model.json import Json, JsonObject


@dataclass(frozen=True, slots=True)
class FormTemplate:
    """One operation before its variables are filled in. `body` None means that the document gave none."""

    op: str
    href: str
    method: str = ""
    content_type: str = "application/json"
    select: str = "@"
    body: Json = None
    terms: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BoundProperty:
    """A capability's property on a wire. `when`: JMESPath over the expand row; false means this unit lacks it."""

    property: Property
    codec: tuple[JsonObject, ...] = ()
    read: FormTemplate | None = None
    write: FormTemplate | None = None
    observe: FormTemplate | None = None
    when: str = ""


@dataclass(frozen=True, slots=True)
class BoundAction:
    """A capability's action on a wire."""

    action: Action
    form: FormTemplate
    when: str = ""


@dataclass(frozen=True, slots=True)
class Expand:
    """How one bridge becomes many units: JMESPath `form.select` gives rows, the others look inside a row."""

    form: FormTemplate
    unit: str
    title: str = ""
    vars: Mapping[str, str] = field(default_factory=dict)
    when: str = ""


@dataclass(frozen=True, slots=True)
class Online:
    """Where a bridge tells whether it can reach a unit; what is selected is false when it cannot."""

    read: FormTemplate
    observe: FormTemplate | None = None


@dataclass(frozen=True, slots=True)
class UnitModel:
    """One kind of thing behind this adapter. Without `expand` there is exactly one, called `unit`."""

    name: str
    title: str
    capabilities: tuple[str, ...]
    properties: Mapping[str, BoundProperty]
    actions: Mapping[str, BoundAction] = field(default_factory=dict)
    expand: Expand | None = None
    unit: str = "main"
    online: Online | None = None


@dataclass(frozen=True, slots=True)
class EndpointSpec:
    """Scheme and port; `port` None is the announced one. There is no host: that comes from discovery."""

    scheme: str = "http"
    port: int | None = None


@dataclass(frozen=True, slots=True)
class ProbeSpec:
    """A harmless GET whose selected answer must match the glob `equals`."""

    form: FormTemplate
    equals: str


@dataclass(frozen=True, slots=True)
class MatchRule:
    """One way of recognising the product; every condition given must hold. Globs, compared without case."""

    via: str = ""
    kind: str = ""
    name: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    port: int | None = None
    probe: ProbeSpec | None = None
    endpoint: EndpointSpec | None = None


@dataclass(frozen=True, slots=True)
class IdentitySpec:
    """Where the device says who it is."""

    scheme: Scheme
    form: FormTemplate


@dataclass(frozen=True, slots=True)
class Credential:
    """How the device wants to be authorised. `obtain` None means that a person must type it (`ask` says how).

    `optional`: only some units of the product are locked; try without first.
    """

    where: str
    name: str = ""
    ask: str = ""
    obtain: FormTemplate | None = None
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Adapter:
    """One product, parsed. `document` is the JSON it came from."""

    id: str
    title: str
    version: str
    binding: str
    endpoint: EndpointSpec
    match: tuple[MatchRule, ...]
    identity: tuple[IdentitySpec, ...]
    credential: Credential | None
    units: Mapping[str, UnitModel]
    document: JsonObject
