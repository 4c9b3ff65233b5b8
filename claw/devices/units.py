"""Units of a device become things of the house; what people have changed about a thing stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from claw.adapters.adapter import Adapter
from claw.adapters.expand import UnitInstance
from claw.devices.names import clean, spoken
from claw.devices.registry import Registry
from claw.model.device import Device
from claw.model.level import Level
from claw.model.thing import Area, Thing


def title_of(device: Device, adapter: Adapter, instance: UnitInstance, *, named: bool) -> str:
    """What to call a unit: its own name (`named`: the adapter was made from this device), else the device's."""
    model = adapter.units[instance.model]
    if named or model.expand is not None:
        return clean(instance.title, model.title)
    if len(adapter.units) == 1:
        return clean(device.title, model.title)
    return clean(f"{device.title} {instance.title}", model.title)


def area_of(title: str, areas: Mapping[str, Area]) -> str:
    """The area whose name is in the title as whole words, the longest such name; empty when there is none."""
    words = f" {spoken(title)} "
    fitting = [
        (len(spoken(name)), area.id)
        for area in areas.values()
        for name in (area.name, *area.aliases)
        if spoken(name) and f" {spoken(name)} " in words
    ]
    return max(fitting)[1] if fitting else ""


def known(things: Iterable[Thing], adapter: Adapter, instance: UnitInstance) -> Thing | None:
    """The thing that this unit was before: by the same adapter, else by another one with the same kind of unit."""
    mine = [thing for thing in things if thing.unit == instance.unit]
    same = [thing for thing in mine if thing.adapter_id == adapter.id]
    kind = set(adapter.units[instance.model].capabilities)
    return next(iter(same), None) or next((thing for thing in mine if kind & set(thing.capabilities)), None)


def thing_of(
    registry: Registry, device: Device, adapter: Adapter, instance: UnitInstance, *, consent: bool, named: bool
) -> Thing:
    """The thing of a unit, not yet proved; id, names, area and consent of one that was there already stay."""
    model = adapter.units[instance.model]
    title = title_of(device, adapter, instance, named=named)
    properties = {name: each.property for name, each in model.properties.items() if name not in instance.lacks}
    actions = {name: each.action for name, each in model.actions.items() if name not in instance.lacks}
    before = known(registry.things_of(device.id), adapter, instance)
    if before is not None:
        return replace(
            before,
            adapter_id=adapter.id,
            unit=instance.unit,
            model=instance.model,
            capabilities=model.capabilities,
            properties=properties,
            actions=actions,
            vars=dict(instance.vars),
            consented=before.consented or consent,
        )
    return Thing(
        id=registry.new_id(title, model.capabilities[0] if model.capabilities else "thing"),
        title=title,
        device_id=device.id,
        adapter_id=adapter.id,
        unit=instance.unit,
        model=instance.model,
        capabilities=model.capabilities,
        properties=properties,
        actions=actions,
        vars=dict(instance.vars),
        area=area_of(title, registry.areas),
        level=Level.NONE,
        consented=consent,
    )
