"""Reading a codec from a document: every step known, every parameter in range, before any value meets it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from claw.adapters import color
from claw.adapters.codec import OPS
from claw.adapters.node import Node
from claw.adapters.terms import check
from claw.model.json import JsonObject

MAX_STEPS = 8
MAX_MAP = 256
CASTS = ("integer", "number", "string", "boolean")


def steps(node: Node | None) -> tuple[JsonObject, ...]:
    """The steps of a `claw:codec`. Raises DocumentInvalid."""
    if node is None:
        return ()
    found = tuple(_step(item) for item in node.items())
    if len(found) > MAX_STEPS:
        node.fail(f"has {len(found)} steps; at most {MAX_STEPS} are allowed")
    return found


def _step(node: Node) -> JsonObject:
    name = node.need("op").choice(OPS, "codec op")
    op = OPS[name]
    check(node, op.required | op.optional | {"op"})
    for key in sorted(op.required):
        node.need(key)
    for key in sorted(op.required | op.optional):
        if (parameter := node.get(key)) is not None and (name, key) in _PARAMETERS:
            _PARAMETERS[name, key](parameter)
    return node.object()


def _map(node: Node) -> None:
    size = len(node.object())
    if not 0 < size <= MAX_MAP:
        node.fail(f"must list 1 to {MAX_MAP} values")
    for _, human in node.members():
        if not isinstance(human.value, bool | int | float | str):
            human.fail("must be a plain value")


def _span(node: Node) -> None:
    ends = [item.number() for item in node.items()]
    if len(ends) != 2 or ends[0] == ends[1]:  # noqa: PLR2004 - a span has two ends
        node.fail("must be two different numbers")


def _positive(node: Node) -> None:
    if node.number() <= 0:
        node.fail("must be above zero")


def _digits(node: Node) -> None:
    node.integer(-6, 9)


def _type(node: Node) -> None:
    node.choice(CASTS, "type")


_PARAMETERS: Mapping[tuple[str, str], Callable[[Node], object]] = {
    ("enum", "map"): _map,
    ("scale", "from"): _span,
    ("scale", "to"): _span,
    ("offset", "by"): Node.number,
    ("reciprocal", "of"): _positive,
    ("round", "digits"): _digits,
    ("round", "wire_digits"): _digits,
    ("cast", "to"): _type,
    ("cast", "wire"): _type,
    ("bits", "mask"): lambda node: node.integer(1, 2**32 - 1),
    ("bits", "shift"): lambda node: node.integer(0, 31),
    ("color", "wire"): lambda node: node.choice(color.WIRES, "colour format"),
    ("color", "gamut"): lambda node: node.choice(color.GAMUTS, "gamut"),
}
