"""The words an adapter document may use, and where. Anything else is a mistake, said with the nearest right word."""

from __future__ import annotations

from claw.adapters.node import Node, did_you_mean

BINDINGS = ("http", "upnp", "hap", "sonos", "mqtt", "kasa", "rtsp")
OPS = ("readproperty", "writeproperty", "observeproperty", "invokeaction")
METHODS = ("GET", "PUT", "POST", "PATCH")
CREDENTIALS = ("uri", "basic", "digest", "bearer", "header")
FOREIGN = ("hap:", "upnp:", "htv:", "mqtt:", "mqv:", "sonos:", "kasa:", "matter:", "tm:")

_ABOUT = frozenset({"@context", "@type", "id", "title", "titles", "description", "descriptions", "version", "links"})
_ABOUT_MORE = frozenset({"created", "modified", "support", "base", "tm:required", "tm:optional"})
TOP = (_ABOUT | _ABOUT_MORE | {"properties", "actions"}) | {
    "claw:binding",
    "claw:endpoint",
    "claw:match",
    "claw:identity",
    "claw:credential",
    "claw:units",
    "claw:expand",
    "claw:online",
    "claw:proposed",
    "claw:source",
}
_UNIT = frozenset({"claw:expand", "claw:online", "claw:unit"})
UNIT = frozenset({"title", "description", "links", "properties", "actions"}) | _UNIT
_SCHEMA = frozenset({"@type", "title", "titles", "description", "descriptions", "type", "unit", "enum", "const"}) | {
    "minimum",
    "maximum",
    "multipleOf",
    "format",
    "readOnly",
    "writeOnly",
    "observable",
    "properties",
    "required",
}
PROPERTY = _SCHEMA | {"forms", "claw:codec", "claw:verify", "claw:when"}
ACTION = frozenset({"@type", "title", "description", "input", "output", "safe", "idempotent", "forms", "claw:when"})
FORM = frozenset({"op", "href", "contentType", "subprotocol", "claw:select", "claw:body"})
ONLINE = frozenset({"href", "contentType", "claw:select", "observe"})
OBSERVE = frozenset({"href", "contentType", "subprotocol", "claw:select"})
EXPAND = frozenset({"href", "contentType", "claw:select", "unit", "title", "vars", "when"})
MATCH = frozenset({"via", "kind", "name", "fields", "port", "probe", "endpoint"})
PROBE = frozenset({"href", "claw:select", "equals"})
IDENTITY = frozenset({"scheme", "href", "claw:select"})
ENDPOINT = frozenset({"scheme", "port"})
CREDENTIAL = frozenset({"in", "name", "ask", "obtain", "optional"})
OBTAIN = frozenset({"href", "claw:body", "claw:select", "contentType"})
VERIFY = frozenset({"settle", "tolerance"})


def check(node: Node, known: frozenset[str]) -> None:
    """Refuse every member of `node` that is neither known nor another vocabulary's term."""
    for key in node.object():
        if key not in known and not key.startswith(FOREIGN):
            node.fail(f"unknown term {key!r}{did_you_mean(key, known)}")
