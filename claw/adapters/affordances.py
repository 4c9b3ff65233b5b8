"""Reading properties, actions and forms: each must belong to the capabilities, and may narrow but never widen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from claw.adapters import forms, hrefs, terms
from claw.adapters.adapter import BoundAction, BoundProperty, FormTemplate
from claw.adapters.node import Node, did_you_mean
from claw.adapters.steps import steps
from claw.capabilities import catalog
from claw.errors import DocumentInvalid, NotFound
from claw.model.affordance import Action, Capability, Property

DEFAULT_METHODS = {"readproperty": "GET", "writeproperty": "PUT", "invokeaction": "POST", "observeproperty": "GET"}
_LOOKS = frozenset({"readproperty", "observeproperty"})
_PLAIN = frozenset({"op", "href", "htv:methodName", "contentType", "claw:body"})
_WIDEST_SETTLE = 120.0


@dataclass(frozen=True, slots=True)
class Scope:
    """What a unit's forms may rely on: the binding, the variables, and the capabilities."""

    binding: str
    variables: frozenset[str]
    capabilities: tuple[Capability, ...]

    @property
    def properties(self) -> Mapping[str, Property]:
        """Every property of the capabilities."""
        return {name: found for each in self.capabilities for name, found in each.properties.items()}

    @property
    def actions(self) -> Mapping[str, Action]:
        """Every action of the capabilities."""
        return {name: found for each in self.capabilities for name, found in each.actions.items()}

    def required(self, kind: str) -> Iterator[tuple[str, str]]:
        """(capability, name) of each affordance that must be there."""
        for each in self.capabilities:
            for name in getattr(each, kind):
                if name not in each.optional:
                    yield each.name, name


def capabilities(node: Node) -> tuple[Capability, ...]:
    """The capabilities that the `tm:extends` links of `node` name, in order."""
    found: list[Capability] = []
    links = node.get("links")
    for link in links.items() if links else ():
        rel = link.need("rel").text()
        if rel != "tm:extends":
            continue
        href = link.need("href")
        prefix, _, name = href.text().rpartition(":")
        if prefix != "claw":
            href.fail(f"must be 'claw:' and a capability{did_you_mean(name, catalog.names())}")
        try:
            found.append(catalog.capability(name))
        except NotFound:
            href.choice([f"claw:{known}" for known in catalog.names()], "capability")
    return tuple(found)


def properties(node: Node | None, scope: Scope) -> Mapping[str, BoundProperty]:
    """The `properties` of a unit. Raises DocumentInvalid."""
    bound = {}
    for name, child in node.members() if node else ():
        if name not in scope.properties:
            child.fail(_foreign(name, "property", scope.properties, scope))
        bound[name] = _property(child, scope.properties[name], scope)
    return bound


def actions(node: Node | None, scope: Scope) -> Mapping[str, BoundAction]:
    """The `actions` of a unit. Raises DocumentInvalid."""
    bound = {}
    for name, child in node.members() if node else ():
        if name not in scope.actions:
            child.fail(_foreign(name, "action", scope.actions, scope))
        terms.check(child, terms.ACTION)
        action = scope.actions[name]
        found = _forms(child, replace(scope, variables=scope.variables | set(action.input)), ("invokeaction",))
        if "invokeaction" not in found:
            child.fail("needs a form with op 'invokeaction'")
        bound[name] = BoundAction(action, found["invokeaction"], expression(child.get("claw:when")))
    return bound


def form(node: Node, scope: Scope, op: str) -> FormTemplate:
    """One form. `op` is how it will be used."""
    href = node.need("href")
    address = href.text()
    if why := hrefs.problem(address, scope.binding):
        href.fail(f"{address!r} {why}")
    if scope.binding == "http" and op in _LOOKS and (word := hrefs.risky(address)):
        href.fail(f"{address!r} says {word!r}; nothing that only looks may go there")
    method = node.get("htv:methodName")
    content = node.get("contentType")
    select = node.get("claw:select")
    allowed = scope.variables | ({"value"} if op == "writeproperty" else set())
    for key, value in node.members():
        for name in sorted(forms.variables(value.value)):
            if name.partition(".")[0] not in allowed:
                known = ", ".join(sorted(allowed)) or "none"
                value.fail(f"unknown variable {name!r}{did_you_mean(name, allowed) or f'; there are: {known}'}")
        if key.startswith(terms.FOREIGN) and isinstance(value.value, str):
            value.text(empty=True)
    return FormTemplate(
        op=op,
        href=address,
        method=method.choice(terms.METHODS, "method") if method else _method(op, scope.binding),
        content_type=content.text() if content else "application/json",
        select=expression(select) or "@",
        body=node.object().get("claw:body"),
        terms={key: value for key, value in node.object().items() if key not in _PLAIN},
    )


def expression(node: Node | None) -> str:
    """A JMESPath expression, compiled to see that it is one; empty when left out."""
    if node is None:
        return ""
    text = node.text()
    try:
        # variables stand inside quotes, backticks or brackets; a digit fits all of them
        forms.compiled(forms.VARIABLE.sub("1", text))
    except DocumentInvalid as error:
        node.fail(str(error))
    return text


def _method(op: str, binding: str) -> str:
    return DEFAULT_METHODS[op] if binding == "http" else ""


def _foreign(name: str, kind: str, known: Mapping[str, object], scope: Scope) -> str:
    owners = ", ".join(each.name for each in scope.capabilities) or "nothing"
    return f"unknown {kind} {name!r}; this extends {owners}{did_you_mean(name, known)}"


def _property(node: Node, spec: Property, scope: Scope) -> BoundProperty:
    terms.check(node, terms.PROPERTY)
    found = _forms(node, scope, ("readproperty", "writeproperty", "observeproperty"))
    write = found.get("writeproperty")
    if write and spec.read_only:
        node.fail(f"{spec.name!r} is read-only; it cannot have a form with op 'writeproperty'")
    if "readproperty" not in found and "observeproperty" not in found:
        node.fail("needs a form with op 'readproperty' or 'observeproperty'; what cannot be read cannot be proved")
    narrowed = replace(_narrow(node, spec), read_only=write is None or _flag(node, "readOnly"))
    return BoundProperty(
        property=narrowed,
        codec=steps(node.get("claw:codec")),
        read=found.get("readproperty"),
        write=write if not narrowed.read_only else None,
        observe=found.get("observeproperty"),
        when=expression(node.get("claw:when")),
    )


def _flag(node: Node, key: str) -> bool:
    found = node.get(key)
    return found.flag() if found else False


def _forms(node: Node, scope: Scope, allowed: tuple[str, ...]) -> Mapping[str, FormTemplate]:
    found: dict[str, FormTemplate] = {}
    for each in node.need("forms").items():
        terms.check(each, terms.FORM)
        op = each.need("op")
        for one in op.items() if isinstance(op.value, list) else [op]:
            word = one.choice(allowed, "op")
            if word in found:
                one.fail(f"a second form with op {word!r}; one is enough")
            found[word] = form(each, scope, word)
    return found


def _narrow(node: Node, spec: Property) -> Property:
    kind, unit, title = node.get("type"), node.get("unit"), node.get("title")
    if kind and kind.text() not in (spec.type, "integer" if spec.type == "number" else spec.type):
        kind.fail(f"{spec.name!r} is of type {spec.type!r}")
    if unit and spec.unit and unit.text() != spec.unit:
        unit.fail(f"{spec.name!r} is in {spec.unit}; convert with claw:codec")
    return replace(
        spec,
        type=kind.text() if kind else spec.type,
        unit=unit.text() if unit and not spec.unit else spec.unit,
        title=title.text() if title else spec.title,
        minimum=_bound(node.get("minimum"), spec.minimum, above=True),
        maximum=_bound(node.get("maximum"), spec.maximum, above=False),
        step=_step(node.get("multipleOf"), spec.step),
        enum=_enum(node.get("enum"), spec),
        settle=_verify(node, "settle", spec.settle, _WIDEST_SETTLE),
        tolerance=_verify(node, "tolerance", spec.tolerance, spec.tolerance),
    )


def _bound(node: Node | None, limit: float | None, *, above: bool) -> float | None:
    if node is None:
        return limit
    value = node.number()
    if limit is not None and (value < limit if above else value > limit):
        node.fail(f"{value:g} is wider than the capability's {limit:g}; an adapter may narrow, never widen")
    return value


def _step(node: Node | None, step: float | None) -> float | None:
    return node.number() if node else step


def _enum(node: Node | None, spec: Property) -> tuple[str, ...]:
    if node is None:
        return spec.enum
    return tuple(item.choice(spec.enum, "value") if spec.enum else item.text() for item in node.items())


def _verify(node: Node, key: str, default: float, limit: float) -> float:
    block = node.get("claw:verify")
    if block is None:
        return default
    terms.check(block, terms.VERIFY)
    found = block.get(key)
    if found is None:
        return default
    value = found.number()
    if not 0 <= value <= limit:
        found.fail(f"must be from 0 to {limit:g}")
    return value
