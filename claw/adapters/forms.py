"""Filling a form's variables in, and selecting from an answer. Pure; no value can change where a form points."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.parser import ParsedResult

from claw.adapters import hrefs
from claw.adapters.adapter import FormTemplate
from claw.errors import AdapterError, DocumentInvalid
from claw.model.form import Form
from claw.model.json import Json

VARIABLE = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_]+)?)\}")
MAX_EXPRESSION = 600
MAX_LISTS = 6  # multi-select lists in one expression; each can double the result
_NOT_OF_A_PART = "{'type': 'subexpression', 'children': [{'type': 'not_expression'"
_PLAIN = re.compile(r"[\w .:/#@+\-]{0,200}")


class _Functions(functions.Functions):
    @functions.signature({"types": ["object", "null"]})
    def _func_items(self, members: Mapping[str, Json] | None) -> list[list[Json]]:
        return [[key, value] for key, value in (members or {}).items()]

    @functions.signature({"types": ["string", "null"]})
    def _func_base64(self, encoded: str | None) -> str | None:
        try:
            return b64decode(encoded or "", validate=True).decode() or None
        except ValueError:
            return None

    @functions.signature({"types": ["string", "null"]})
    def _func_pairs(self, text: str | None) -> dict[str, Json]:
        lines = (line.partition("=") for line in (text or "").splitlines())
        return {key.strip(): value.strip() for key, equals, value in lines if equals}


_OPTIONS = jmespath.Options(custom_functions=_Functions())


@lru_cache(maxsize=4096)
def compiled(expression: str) -> ParsedResult:
    """A JMESPath expression, compiled once. Raises DocumentInvalid."""
    if len(expression) > MAX_EXPRESSION:
        raise DocumentInvalid(f"the JMESPath expression is longer than {MAX_EXPRESSION} characters")
    try:
        parsed = jmespath.compile(expression)
        tree = str(parsed.parsed)
    except (JMESPathError, RecursionError) as error:
        reason = str(error).partition("\n")[0]
        raise DocumentInvalid(f"{expression!r:.80} is not JMESPath: {reason}") from error
    if _NOT_OF_A_PART in tree:
        raise DocumentInvalid(f"{expression!r:.80}: '!a.b' means '(!a).b'; write '!(a.b)'")
    if tree.count("'multi_select_list'") > MAX_LISTS:
        raise DocumentInvalid(f"{expression!r:.80} has more than {MAX_LISTS} lists")
    return parsed


def select(expression: str, payload: Json) -> Json:
    """What `expression` finds in `payload`; None when the path is missing or leads through the wrong type."""
    if expression in ("", "@"):
        return payload
    try:
        found: Json = compiled(expression).search(payload, options=_OPTIONS)
    except (JMESPathError, RecursionError, TypeError, ValueError, AttributeError):
        return None  # the device answered something of another shape
    return found


def variables(value: Json) -> frozenset[str]:
    """Every `{name}` inside a JSON value."""
    if isinstance(value, str):
        return frozenset(VARIABLE.findall(value))
    if isinstance(value, Mapping):
        return frozenset().union(*(variables(item) for item in value.values()))
    if isinstance(value, list | tuple):
        return frozenset().union(*(variables(item) for item in value))
    return frozenset()


def fill(template: FormTemplate, variables_: Mapping[str, Json], value: Json = None) -> tuple[Form, Json]:
    """The form and the payload to send, `value` being the encoded one. Raises AdapterError.

    A `{name}` that is not among the variables stays: it is the credential, which the binding fills in.
    """
    return _fill(template, {**variables_, "value": value})


def partial(template: FormTemplate, variables_: Mapping[str, Json]) -> tuple[Form, Json]:
    """The form and its body with `{value}` still open. Raises AdapterError."""
    return _fill(template, variables_)


def _fill(template: FormTemplate, known: Mapping[str, Json]) -> tuple[Form, Json]:
    href = VARIABLE.sub(lambda found: _for_href(found, known), template.href)
    why = hrefs.problem(href, "http" if template.href.startswith("/") else "") if href != template.href else ""
    if why:
        raise AdapterError(f"{template.href!r} with {dict(known)!r:.200} {why}.")
    terms = {
        key: _for_select(term, known) if key == "claw:select" and isinstance(term, str) else _insert(term, known)
        for key, term in template.terms.items()
    }
    form = Form(template.op, href, template.method, template.content_type, terms)
    return form, _payload(template, known)


def _payload(template: FormTemplate, known: Mapping[str, Json]) -> Json:
    if template.body is not None:
        return _insert(template.body, known)
    if template.op != "writeproperty" or _mentions_value(template):
        return None
    return known.get("value")


@lru_cache(maxsize=2048)
def _names_value(text: str) -> bool:
    return any(name.partition(".")[0] == "value" for name in VARIABLE.findall(text))


def _mentions_value(template: FormTemplate) -> bool:
    return _names_value(template.href) or any(
        name.partition(".")[0] == "value" for term in template.terms.values() for name in variables(term)
    )


def _look_up(name: str, known: Mapping[str, Json]) -> tuple[bool, Json]:
    head, dot, member = name.partition(".")
    if head not in known:
        return False, None
    value = known[head]
    if not dot:
        return True, value
    if not isinstance(value, Mapping) or member not in value:
        raise AdapterError(f"There is no {member!r} in {value!r:.60} to fill '{{{name}}}' with.")
    return True, value[member]


def text(value: Json) -> str:
    """A value inside a longer string: strings as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def _insert(template: Json, known: Mapping[str, Json]) -> Json:
    if isinstance(template, str):
        whole = VARIABLE.fullmatch(template)
        if whole:
            found, value = _look_up(whole[1], known)
            return value if found else template
        return VARIABLE.sub(lambda part: _for_text(part, known), template)
    if isinstance(template, Mapping):
        return {key: _insert(item, known) for key, item in template.items()}
    if isinstance(template, list | tuple):
        return [_insert(item, known) for item in template]
    return template


def _for_text(part: re.Match[str], known: Mapping[str, Json]) -> str:
    found, value = _look_up(part[1], known)
    return text(value) if found else part[0]


def _for_href(part: re.Match[str], known: Mapping[str, Json]) -> str:
    found, value = _look_up(part[1], known)
    if not found:
        return part[0]
    plain = text(value)
    if plain.strip() in ("", ".", ".."):
        raise AdapterError(f"{plain!r} cannot stand in a path.")
    return quote(plain, safe="")


def _for_select(expression: str, known: Mapping[str, Json]) -> str:
    def put(part: re.Match[str]) -> str:
        found, value = _look_up(part[1], known)
        if not found:
            return part[0]
        if not _PLAIN.fullmatch(plain := text(value)):
            raise AdapterError(f"{plain!r:.60} cannot stand in a JMESPath expression.")
        return plain

    return VARIABLE.sub(put, expression)
