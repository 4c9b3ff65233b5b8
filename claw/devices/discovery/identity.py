"""One physical device found several ways is one device, and stays it when addresses change."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from claw.devices.discovery.crowd import Crowd
from claw.devices.discovery.crowd import told as marks_of
from claw.devices.discovery.grouping import Node, contradict, partition
from claw.devices.discovery.marks import addresses, identities
from claw.devices.names import announced
from claw.errors import NotFound
from claw.model.announcement import Announcement, Via
from claw.model.device import Device
from claw.model.identity import Identity, Scheme

_RANK = {scheme: rank for rank, scheme in enumerate(Scheme)}
_VIA = {via: rank for rank, via in enumerate((Via.CONFIGURED, Via.MDNS, Via.SSDP, Via.UDP, Via.MQTT, Via.SWEEP))}
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Regrouped:
    """What one announcement changed.

    `device`: the one it belongs to now; None after a goodbye from what was never met. `changed`: every device whose
    value differs from before. `absorbed`: ids that are no device any more, each with the id of the device that it
    turned out to be.
    """

    device: Device | None
    changed: tuple[Device, ...]
    absorbed: Mapping[str, str]


def same_device(one: Announcement, other: Announcement) -> bool:
    """Whether these two alone are announcements of one box."""
    return len(partition([Node.of(one), Node.of(other)])) == 1


def merge(devices: Mapping[str, Device], announcement: Announcement) -> Device:
    """The device that `announcement` belongs to, brought up to date; `regroup` tells what became of others.

    Raises NotFound for a goodbye from what was never met.
    """
    device = regroup(devices, announcement).device
    if device is None:
        raise NotFound(f"{announcement.name!r} said goodbye and was never met; there is nothing to do.")
    return device


def regroup(devices: Mapping[str, Device], announcement: Announcement) -> Regrouped:
    """Take in one announcement: a pure function of the devices as they were.

    Any order of the same announcements ends in the same grouping; ids and identities once given stay.
    """
    near = _neighbourhood(devices, announcement)
    current = {a.key: a for device in near for a in device.announcements}
    current.pop(announcement.key, None)
    if not announcement.gone:
        current[announcement.key] = announcement
    nodes = [Node.of(a) for _, a in sorted(current.items())]
    boxes = partition(nodes + [memory for device in near if (memory := _memory(device, current)) is not None])
    holders = {a.key: device.id for device in near for a in device.announcements}
    made = _assign(boxes, near, holders, devices)
    return _result(near, made, announcement, holders)


def _result(
    near: list[Device], made: dict[str, Device], announcement: Announcement, holders: Mapping[Key, str]
) -> Regrouped:
    before = {device.id: device for device in near}
    absorbed: dict[str, str] = {}
    for id_, old in before.items():
        if id_ not in made:
            heir = max(made.values(), key=lambda new: (len(new.identities & old.identities), new.id), default=None)
            known = {identity for identity in old.identities if identity.scheme is not Scheme.ADDRESS}
            if heir is not None and (known or old.announcements) and _inherits(heir, old):
                absorbed[id_] = heir.id
            else:  # said goodbye, and is remembered as it was
                made[id_] = replace(old, announcements=())
    owner = next((d for d in made.values() if any(a.key == announcement.key for a in d.announcements)), None)
    if owner is None and (holder := holders.get(announcement.key)) is not None:
        owner = made[absorbed.get(holder, holder)]
    return Regrouped(owner, tuple(d for id_, d in made.items() if before.get(id_) != d), absorbed)


def _inherits(heir: Device, old: Device) -> bool:
    keys = {a.key for a in heir.announcements}
    return bool(heir.identities & old.identities) or any(a.key in keys for a in old.announcements)


def _neighbourhood(devices: Mapping[str, Device], announcement: Announcement) -> list[Device]:
    """Every device that the announcement could touch: same host, identity or key, and so on from each of them."""
    crowd = devices if isinstance(devices, Crowd) else Crowd(devices)
    return crowd.near(marks_of(announcement) | addresses(announcement))


def _memory(device: Device, current: Mapping[Key, Announcement]) -> Node | None:
    """What is known of a device from elsewhere (a probe, a time before): it holds on to the strongest of the rest."""
    told = [Node.of(current[a.key]) for a in device.announcements if a.key in current]
    explained = frozenset().union(*(node.identities for node in told))
    rest = _lasting(device.identities - explained)
    if not rest:
        return None
    fitting = [node.identities for node in told if node.identities and not contradict(node.identities, rest)]
    here = frozenset().union(*(node.telling for node in told))
    # on a loopback address, which tells no machine from another, its ports and names must hold it together
    own = frozenset(mark for node in told if not node.telling for mark in node.local)
    return Node(frozenset(rest | min(fitting, key=_strength, default=frozenset())), own, here)


def _strength(known: Iterable[Identity]) -> list[tuple[int, str]]:
    return sorted((_RANK[i.scheme], i.value) for i in known)


def _claims(
    boxes: list[list[Node]], near: list[Device], holders: Mapping[Key, str]
) -> list[tuple[tuple[int, ...], int, Device]]:
    """Which box may go on under the id of which device, the surest first."""
    by_mark: dict[object, set[int]] = {}
    for age, device in enumerate(near):
        for mark in (*device.identities, *(a.key for a in device.announcements)):
            by_mark.setdefault(mark, set()).add(age)
    claims: list[tuple[tuple[int, ...], int, Device]] = []
    for b, box in enumerate(boxes):
        known = _identities(box)
        told = [n.announcement.key for n in box if n.announcement is not None]
        for age in set().union(*(by_mark.get(mark, ()) for mark in (*known, *told))):
            device = near[age]
            strong = _lasting(known & device.identities)
            keys = sum(holders.get(key) == device.id for key in told)
            if device.announcements and not strong and not keys:
                continue  # only the address is the same
            if strong or not contradict(_lasting(known), _lasting(device.identities)):
                best = min((_RANK[i.scheme] for i in strong), default=len(_RANK))
                claims.append(((best, -len(strong), -keys, age), b, device))
    return sorted(claims, key=lambda claim: (claim[0], claim[2].id))


def _assign(
    boxes: list[list[Node]], near: list[Device], holders: Mapping[Key, str], taken: Collection[str]
) -> dict[str, Device]:
    """Give each box the id of the device that it was; the rest get new ids."""
    given: dict[int, Device] = {}
    used: set[str] = set()
    for _, b, device in _claims(boxes, near, holders):
        if b not in given and device.id not in used:
            given[b] = device
            used.add(device.id)
    made: dict[str, Device] = {}
    for b, box in enumerate(boxes):
        grown = _device(box, given.get(b), (taken, made))
        if grown is not None:
            made[grown.id] = grown
    return made


def _lasting(known: Iterable[Identity]) -> set[Identity]:
    return {identity for identity in known if identity.scheme is not Scheme.ADDRESS}


def _identities(box: list[Node]) -> frozenset[Identity]:
    strong = frozenset().union(*(node.identities for node in box))
    return strong or frozenset().union(*(addresses(n.announcement) for n in box if n.announcement is not None))


def _device(box: list[Node], was: Device | None, taken: tuple[Collection[str], ...]) -> Device | None:
    told = sorted((n.announcement for n in box if n.announcement is not None), key=_preference)
    known = _identities(box)
    if not told:
        return None if was is None else replace(was, announcements=(), identities=known)
    hosts = tuple(dict.fromkeys(host for a in told for host in a.hosts))
    title = announced(next((t for a in told if (t := a.fields.get("friendlyname") or a.name)), ""))
    return replace(
        was or Device(id=_new_id(known, taken), title=title, identities=known, hosts=hosts, announcements=()),
        title=title or (was.title if was else ""),
        identities=known,
        hosts=hosts or (was.hosts if was else ()),
        announcements=tuple(told),
        manufacturer=_field(told, "manufacturer", "vendor", "mf") or (was.manufacturer if was else ""),
        model=_field(told, "modelname", "model", "md", "modelid") or (was.model if was else ""),
    )


def _preference(announcement: Announcement) -> tuple[int, int, Key]:
    """The surest witness first: one with an identity, and that by its strength, then by how it reached us."""
    ranks = [_RANK[identity.scheme] for identity in identities(announcement)]
    return (min(ranks, default=len(_RANK)), _VIA[announcement.via], announcement.key)


def _field(told: Iterable[Announcement], *keys: str) -> str:
    return next((value for key in keys for a in told if (value := a.fields.get(key))), "")


def _new_id(known: Iterable[Identity], taken: tuple[Collection[str], ...]) -> str:
    """An id made from the strongest identity: the same box gets the same id in any house and any order."""
    for _, identity in sorted((_RANK[i.scheme], i) for i in known):
        digest = hashlib.sha256(str(identity).encode()).hexdigest()[:12]
        if not any((id_ := f"{identity.scheme}-{digest}") in ids for ids in taken):
            return id_
    spare = hashlib.sha256("".join(sorted({*chain(*taken), *map(str, known)})).encode()).hexdigest()[:12]
    return f"device-{spare}"
