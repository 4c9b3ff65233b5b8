"""An adapter document, from JSON to frozen values. Every error names the JSON pointer and the offending word."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from claw.adapters import affordances, terms
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
    Online,
    ProbeSpec,
    UnitModel,
)
from claw.adapters.affordances import Scope
from claw.adapters.node import MAX_DEPTH, Node, too_deep
from claw.errors import DocumentInvalid
from claw.model.announcement import Via
from claw.model.identity import Scheme
from claw.model.json import JsonObject

__all__ = [
    "Adapter",
    "BoundAction",
    "BoundProperty",
    "Credential",
    "EndpointSpec",
    "Expand",
    "FormTemplate",
    "IdentitySpec",
    "MatchRule",
    "Online",
    "ProbeSpec",
    "UnitModel",
    "parse",
]

MAX_DOCUMENT = 512 * 1024  # characters of JSON
MAX_UNITS = 512
_ID = re.compile(r"urn:claw:adapter:([a-z0-9][a-z0-9._\-]{0,98})")
_SCHEMES = ("http", "https", "upnp", "hap", "sonos", "mqtt", "mqtts", "kasa", "rtsp")


def parse(document: JsonObject) -> Adapter:
    """The adapter that `document` describes. Raises DocumentInvalid."""
    root = Node(document)
    root.object()
    if deep := too_deep(document):
        raise DocumentInvalid(f"{deep[:80]}: is nested too deeply; {MAX_DEPTH} levels are enough for any device")
    try:
        size = len(json.dumps(document, allow_nan=False))
    except (TypeError, ValueError, RecursionError) as error:
        raise DocumentInvalid(f"/: is not JSON: {error}") from error
    if size > MAX_DOCUMENT:
        root.fail(f"is larger than {MAX_DOCUMENT // 1024} KB")
    return _adapter(root, document)


def _adapter(root: Node, document: JsonObject) -> Adapter:
    terms.check(root, terms.TOP)
    _model_type(root)
    name = _ID.fullmatch(root.need("id").text())
    if name is None:
        root.need("id").fail("must be 'urn:claw:adapter:' and a name in lower case")
    title = root.need("title").text()
    binding = root.need("claw:binding").choice(terms.BINDINGS, "binding")
    credential = _credential(root.get("claw:credential"), binding)
    shared = frozenset({credential.name}) if credential and credential.where == "uri" else frozenset[str]()
    base = Scope(binding, shared, ())
    return Adapter(
        id=name[1],
        title=title,
        version=_version(root.get("version")),
        binding=binding,
        endpoint=_endpoint(root.get("claw:endpoint"), binding),
        match=tuple(_rule(node, base) for node in _items(root.get("claw:match"))),
        identity=tuple(_identity(node, base) for node in _items(root.get("claw:identity"))),
        credential=credential,
        units=_units(root, base, title),
        document=document,
    )


def _model_type(root: Node) -> None:
    kind = root.need("@type")
    words = kind.value if isinstance(kind.value, list) else [kind.value]
    if "tm:ThingModel" not in words:
        kind.fail("must be 'tm:ThingModel'")


def _version(node: Node | None) -> str:
    return node.need("model").text() if node else "0"


def _items(node: Node | None) -> list[Node]:
    return list(node.items()) if node else []


def _endpoint(node: Node | None, binding: str) -> EndpointSpec:
    default = "http" if binding in ("http", "upnp") else binding
    if node is None:
        return EndpointSpec(default)
    terms.check(node, terms.ENDPOINT)
    scheme, port = node.get("scheme"), node.get("port")
    fixed = port.integer(1, 65535) if port and port.value != "announced" else None
    return EndpointSpec(scheme.choice(_SCHEMES, "scheme") if scheme else default, fixed)


def _credential(node: Node | None, binding: str) -> Credential | None:
    if node is None:
        return None
    terms.check(node, terms.CREDENTIAL)
    where = node.need("in").choice(terms.CREDENTIALS, "place")
    name, ask, obtain, optional = (node.get(key) for key in ("name", "ask", "obtain", "optional"))
    if where in ("uri", "header") and name is None:
        node.need("name")
    form = None
    if obtain is not None:
        terms.check(obtain, terms.OBTAIN)
        form = affordances.form(obtain, Scope(binding, frozenset(), ()), "invokeaction")
    return Credential(
        where=where,
        name=name.text() if name else "",
        ask=ask.text() if ask else "",
        obtain=form,
        optional=optional.flag() if optional else False,
    )


def _get(node: Node, scope: Scope) -> FormTemplate:
    form = affordances.form(node, scope, "readproperty")
    if form.method not in ("GET", ""):
        node.need("htv:methodName").fail("looking at an unknown device is GET only")
    return form


def _rule(node: Node, scope: Scope) -> MatchRule:
    terms.check(node, terms.MATCH)
    via, kind, name, port, probe, endpoint = (
        node.get(key) for key in ("via", "kind", "name", "port", "probe", "endpoint")
    )
    fields = node.get("fields")
    if not set(node.object()) - {"endpoint"}:
        node.fail("would match everything; give at least one condition")
    spec = None
    if probe is not None:
        terms.check(probe, terms.PROBE)
        spec = ProbeSpec(_get(probe, Scope(scope.binding, frozenset(), ())), probe.need("equals").text())
    return MatchRule(
        via=via.choice([each.value for each in Via], "way of announcing") if via else "",
        kind=kind.text() if kind else "",
        name=name.text() if name else "",
        fields={key.lower(): glob.text() for key, glob in fields.members()} if fields else {},
        port=port.integer(1, 65535) if port else None,
        probe=spec,
        endpoint=_endpoint(endpoint, scope.binding) if endpoint else None,
    )


def _identity(node: Node, scope: Scope) -> IdentitySpec:
    terms.check(node, terms.IDENTITY)
    scheme = node.need("scheme").choice([each.value for each in Scheme], "identity scheme")
    return IdentitySpec(Scheme(scheme), _get(node, scope))


def _units(root: Node, scope: Scope, title: str) -> Mapping[str, UnitModel]:
    units = root.get("claw:units")
    if units is None:
        return {"main": _unit(root, "main", scope, title)}
    for key in ("properties", "actions", "claw:expand", "claw:online"):
        if root.get(key):
            root.child(key, None).fail("stands beside 'claw:units'; move it into a unit")
    found = {}
    for name, node in units.members():
        if not re.fullmatch(r"[a-z0-9][a-z0-9_\-]{0,62}", name):
            node.fail(f"{name!r} is no name for a unit; use lower case letters, digits, '_' and '-'")
        terms.check(node, terms.UNIT)
        found[name] = _unit(node, name, scope, title)
    if not 0 < len(found) <= MAX_UNITS:
        units.fail(f"must hold 1 to {MAX_UNITS} units")
    return found


def _unit(node: Node, name: str, base: Scope, title: str) -> UnitModel:
    extends = affordances.capabilities(node)
    if not extends:
        node.fail("extends no capability; add a link with rel 'tm:extends', such as 'claw:light'")
    expand = _expand(node.get("claw:expand"), base)
    scope = Scope(base.binding, base.variables | (set(expand.vars) if expand else set()), extends)
    own, fixed = node.get("title"), node.get("claw:unit")
    model = UnitModel(
        name=name,
        title=own.text() if own else title,
        capabilities=tuple(each.name for each in extends),
        properties=affordances.properties(node.get("properties"), scope),
        actions=affordances.actions(node.get("actions"), scope),
        expand=expand,
        unit=fixed.text() if fixed else name,
        online=_online(node.get("claw:online"), scope),
    )
    _complete(node, model, scope)
    return model


def _complete(node: Node, model: UnitModel, scope: Scope) -> None:
    """Every affordance that a capability requires must be there, for every unit."""
    bound: dict[str, Mapping[str, object]] = {"properties": model.properties, "actions": model.actions}
    for kind, present in bound.items():
        for capability, name in scope.required(kind):
            if name not in present:
                word = "property" if kind == "properties" else "action"
                node.fail(f"the {word} {name!r}, which every {capability} has, is missing")
            if getattr(present[name], "when", ""):
                node.need(kind).need(name).need("claw:when").fail(
                    f"every {capability} has {name!r}; it cannot depend"
                )
    if model.expand is None:
        for kind, present in bound.items():
            for name, each in present.items():
                if getattr(each, "when", ""):
                    node.need(kind).need(name).need("claw:when").fail(
                        "needs a 'claw:expand' whose row it can look at"
                    )


def _online(node: Node | None, scope: Scope) -> Online | None:
    if node is None:
        return None
    terms.check(node, terms.ONLINE)
    node.need("claw:select")
    observe = node.get("observe")
    if observe is not None:
        terms.check(observe, terms.OBSERVE)
        observe.need("claw:select")
    return Online(_get(node, scope), affordances.form(observe, scope, "observeproperty") if observe else None)


def _expand(node: Node | None, scope: Scope) -> Expand | None:
    if node is None:
        return None
    terms.check(node, terms.EXPAND)
    names, title = node.get("vars"), node.get("title")
    return Expand(
        form=_get(node, scope),
        unit=affordances.expression(node.need("unit")),
        title=affordances.expression(title),
        vars={key: affordances.expression(each) for key, each in names.members()} if names else {},
        when=affordances.expression(node.get("when")),
    )
