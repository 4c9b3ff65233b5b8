"""A thing as a W3C Thing Description, for a WoT directory."""

from __future__ import annotations

from claw.adapters import forms
from claw.adapters.adapter import Adapter, FormTemplate
from claw.model.affordance import Action, Property
from claw.model.form import Endpoint
from claw.model.json import Json, JsonObject
from claw.model.thing import Thing

_CONTEXT: Json = [
    "https://www.w3.org/2022/wot/td/v1.1",
    {
        "claw": "urn:claw:vocabulary:",
        "matter": "urn:csa:matter:",
        "htv": "http://www.w3.org/2011/http#",
        "hap": "urn:claw:hap:",
        "upnp": "urn:claw:upnp:",
    },
]
_COLOR: JsonObject = {
    "properties": {
        "hue": {"type": "number", "minimum": 0, "maximum": 360, "unit": "degree"},
        "saturation": {"type": "number", "minimum": 0, "maximum": 100, "unit": "percent"},
    },
    "required": ["hue", "saturation"],
}


def thing_description(thing: Thing, adapter: Adapter, endpoint: Endpoint) -> JsonObject:
    """A valid TD 1.1 of `thing` as it is reached now. Names the kind of credential, never the credential."""
    unit = adapter.units[thing.model]
    host = f"[{endpoint.host}]" if ":" in endpoint.host else endpoint.host
    properties: dict[str, Json] = {}
    for name, spec in thing.properties.items():
        bound = unit.properties[name]
        templates = (bound.read, bound.write, bound.observe)
        properties[name] = {
            **_schema(spec, observable=bound.observe is not None),
            **({"claw:codec": [dict(step) for step in bound.codec]} if bound.codec else {}),
            "forms": [_form(template, thing) for template in templates if template is not None],
        }
    actions: dict[str, Json] = {
        name: {**_action(action), "forms": [_form(unit.actions[name].form, thing)]}
        for name, action in thing.actions.items()
    }
    security, definition = _security(endpoint)
    return {
        "@context": _CONTEXT,
        "@type": [f"claw:{name}" for name in thing.capabilities],
        "id": f"urn:claw:thing:{thing.id}",
        "title": thing.title,
        "base": f"{endpoint.scheme}://{host}:{endpoint.port}/",
        "securityDefinitions": {security: definition},
        "security": [security],
        "links": [{"rel": "type", "href": f"urn:claw:adapter:{adapter.id}", "type": "application/tm+json"}],
        "properties": properties,
        **({"actions": actions} if actions else {}),
    }


def _schema(spec: Property, *, observable: bool) -> dict[str, Json]:
    given: dict[str, Json] = {
        "@type": f"matter:{spec.matter}" if spec.matter else None,
        "unit": spec.unit or None,
        "minimum": spec.minimum,
        "maximum": spec.maximum,
        "multipleOf": spec.step,
        "enum": list(spec.enum) or None,
    }
    return {
        "title": spec.title,
        "type": spec.type,
        "readOnly": spec.read_only,
        "observable": observable,
        **{key: value for key, value in given.items() if value is not None},
        **(_COLOR if spec.type == "object" else {}),
    }


def _action(action: Action) -> dict[str, Json]:
    if not action.input:
        return {"title": action.title}
    arguments: Json = {name: {"type": kind} for name, kind in action.input.items()}
    return {"title": action.title, "input": {"type": "object", "properties": arguments}}


def _form(template: FormTemplate, thing: Thing) -> Json:
    form, payload = forms.partial(template, thing.vars)
    method: dict[str, Json] = {"htv:methodName": form.method} if form.method else {}
    body: dict[str, Json] = {"claw:body": payload} if template.body is not None else {}
    return {"op": form.op, "href": form.href, "contentType": form.content_type, **method, **form.terms, **body}


def _security(endpoint: Endpoint) -> tuple[str, JsonObject]:
    match endpoint.auth:
        case "basic" | "digest" | "bearer":
            return f"{endpoint.auth}_sc", {"scheme": endpoint.auth, "in": "header"}
        case "header" | "uri":
            return "apikey_sc", {"scheme": "apikey", "in": endpoint.auth, "name": endpoint.auth_name}
        case _:
            return "nosec_sc", {"scheme": "nosec"}
