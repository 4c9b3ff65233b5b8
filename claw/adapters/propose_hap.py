"""The HAP compiler: an accessory database becomes one adapter document, a unit for each function of each accessory.

Pure, and never raises: what it does not understand is left out and named in the document's description. What acts
gets a unit of its own (an air conditioner's fan and light are not its thermostat); what only measures joins a
sibling's unit as long as no property name is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from claw.adapters.draft import MAX_UNITS, Draft, clean, document, extends, slug
from claw.adapters.hap_database import (
    CONFIGURED_NAME,
    INFORMATION,
    NAME,
    SERIAL,
    Accessory,
    Characteristic,
    Service,
    accessories,
)
from claw.adapters.hap_names import plain
from claw.adapters.hap_table import (
    BATTERY,
    BATTERY_LEVEL,
    KINDS,
    NAMES,
    SILENT,
    TELEVISION,
    TELEVISION_SPEAKER,
    Kind,
    Row,
)
from claw.capabilities import catalog
from claw.model.affordance import Property
from claw.model.json import Json


@dataclass
class _Piece:
    """A unit in the making."""

    service: Service
    capabilities: list[str]
    properties: dict[str, Draft]
    actions: dict[str, Draft] = field(default_factory=dict)

    @property
    def senses(self) -> bool:
        """Whether it only measures."""
        return set(self.capabilities) <= {"sensor", "contact", "motion"}

    def takes(self, other: _Piece) -> bool:
        """Whether `other` may join this unit."""
        return not (self.properties.keys() & other.properties.keys() or self.actions.keys() & other.actions.keys())

    def join(self, other: _Piece) -> None:
        """Take over what `other` measures."""
        self.capabilities += [name for name in other.capabilities if name not in self.capabilities]
        self.properties |= other.properties


def propose(evidence: Json) -> list[Draft]:
    """Documents for `{"accessories": [...], "id"?: the HAP id, "name"?: how it announces itself}`; at most one."""
    known = evidence if isinstance(evidence, Mapping) else {}
    units: dict[str, Draft] = {}
    left_out: list[str] = []
    found = list(accessories(known))
    hap_id = clean(known.get("id"), "", 17)
    for accessory in found:
        own = plain(clean(accessory.information.text(NAME), f"Accessory {accessory.aid}"), hap_id)
        for name, unit in _units(accessory, own, left_out):
            if len(units) < MAX_UNITS:
                units[name] = unit
    if not units:
        return []
    first = found[0].information
    title = plain(clean(first.text(NAME), clean(known.get("name"), "HomeKit accessory")), hap_id)
    match = [{"via": "mdns", "kind": "_hap._tcp", "fields": {"id": hap_id}}] if hap_id else []
    name = hap_id.replace(":", "") or f"{title}-{first.text(SERIAL)[:40]}"
    return [document("hap", name, title, units, match=match, left_out=left_out)]


def _units(accessory: Accessory, own: str, left_out: list[str]) -> Iterator[tuple[str, Draft]]:
    pieces = _pieces(accessory, own, left_out)
    for index, piece in enumerate(pieces):
        unit = f"{accessory.aid}.{piece.service.iid}" if index else str(accessory.aid)
        draft: Draft = {
            "title": _title(piece, own, pieces),
            "links": extends(*piece.capabilities),
            "claw:unit": unit,
            "properties": piece.properties,
        }
        if piece.actions:
            draft["actions"] = piece.actions
        yield slug(f"{piece.capabilities[0]}-{unit}"), draft


def _title(piece: _Piece, own: str, pieces: list[_Piece]) -> str:
    """The accessory's name for what it mainly is; the others go by their service's name, else by what they are."""
    if len(pieces) == 1:
        return own
    same = [each for each in pieces if each.capabilities[0] == piece.capabilities[0]]
    if piece is pieces[0] and len(same) == 1:
        return own
    given = clean(piece.service.text(CONFIGURED_NAME, NAME), "")
    if given and given != own:
        return given
    word = catalog.capability(piece.capabilities[0]).title.lower()
    number = f" {same.index(piece) + 1}" if len(same) > 1 else ""
    return f"{own} {word}{number}"


def _pieces(accessory: Accessory, own: str, left_out: list[str]) -> list[_Piece]:
    made = []
    for service in sorted(accessory.services, key=lambda each: not each.primary):
        kind = KINDS.get(service.code)
        if service.code == TELEVISION_SPEAKER and any(each.code == TELEVISION for each in accessory.services):
            continue  # it is switched with its television
        if kind is not None and not service.hidden:
            piece = _piece(accessory.aid, service, kind)
            if piece is None:
                left_out.append(f"{own}: {kind.name} without what every {kind.capability} has")
            else:
                made.append(piece)
        elif kind is None and service.code not in SILENT and service.code not in (BATTERY, INFORMATION):
            left_out.append(f"{own}: service {service.code[:36]}")
    made.sort(key=lambda piece: piece.senses)  # what acts comes first and gives the unit its name
    kept: list[_Piece] = []
    for piece in made:
        host = next((each for each in kept if piece.senses and each.takes(piece)), None)
        if host is not None:
            host.join(piece)
        elif piece.capabilities != ["camera"] or all(each.capabilities != ["camera"] for each in kept):
            kept.append(piece)  # a camera offers one stream management for each stream
    _add_battery(accessory, kept)
    return kept


def _add_battery(accessory: Accessory, pieces: list[_Piece]) -> None:
    service = next((each for each in accessory.services if each.code == BATTERY), None)
    if service is None:
        return
    host = next((each for each in pieces if "battery" in _specs(each.capabilities)), None)
    bound = _property(
        accessory.aid, service, "BatteryService", BATTERY_LEVEL, catalog.capability("sensor").properties
    )
    if bound is None:
        return
    if host is not None:
        host.properties.setdefault("battery", bound)
    else:
        pieces.append(_Piece(service, ["sensor"], {"battery": bound}))


def _specs(capabilities: list[str]) -> Mapping[str, Property]:
    return {name: spec for each in capabilities for name, spec in catalog.capability(each).properties.items()}


def _piece(aid: int, service: Service, kind: Kind) -> _Piece | None:
    """The unit that a service makes; None when it lacks something that its capability requires."""
    capability = catalog.capability(kind.capability)
    properties: dict[str, Draft] = {}
    for row in kind.rows:
        if row.property not in properties:
            bound = _property(aid, service, kind.name, row, capability.properties)
            if bound is not None:
                properties[row.property] = bound
    actions = {
        press.action: {"forms": [_form("invokeaction", aid, kind.name, (char,), {"claw:body": press.value})]}
        for press in kind.presses
        if (char := service.characteristics.get(press.code)) is not None and "pw" in char.perms
    }
    required = (set(capability.properties) | set(capability.actions)) - capability.optional
    if not required <= properties.keys() | actions.keys() or (kind.rows and not properties):
        return None
    return _Piece(service, [kind.capability], properties, actions)


def _property(aid: int, service: Service, name: str, row: Row, specs: Mapping[str, Property]) -> Draft | None:
    read = [service.characteristics[code] for code in row.first if code in service.characteristics]
    if len(read) < len(row.first) or any("pr" not in char.perms for char in read):
        return None
    write = [service.characteristics[code] for code in row.to if code in service.characteristics]
    if len(write) < len(row.to) or any("pw" not in char.perms for char in write):
        write = []
    chars = read if write in ([], read) or len(read) > 1 else [read[0], write[0]]
    members = row.recipe(specs[row.property], chars)
    if members is None:
        return None
    if row.default is not None:
        members["claw:codec"][0]["default"] = row.default
    select = members.pop("claw:select", None)
    extra: Draft = {"hap:fields": list(row.fields)} if row.fields else {}
    pushed = all("ev" in char.perms for char in read)
    ops: Any = ["readproperty", "observeproperty"] if pushed else "readproperty"
    forms = [_form(ops, aid, name, read, extra | ({"claw:select": f'"{select}"'} if select else {}))]
    if write:
        body = {"claw:body": dict.fromkeys(row.fields, "{value}")} if select else {}
        forms.append(_form("writeproperty", aid, name, write, extra | body))
    return {"type": specs[row.property].type, **members, "forms": forms}


def _form(op: Any, aid: int, service: str, chars: Any, extra: Mapping[str, Any]) -> Draft:  # noqa: ANN401
    found: tuple[Characteristic, ...] = tuple(chars)
    form: Draft = {
        "op": op,
        "href": f"{aid}/{','.join(str(char.iid) for char in found)}",
        "hap:service": service,
        "hap:characteristic": ", ".join(NAMES.get(char.code, char.code) for char in found),
        **extra,
    }
    if op not in ("readproperty", ["readproperty", "observeproperty"]) and any("tw" in char.perms for char in found):
        form["hap:timed"] = True
    return form
