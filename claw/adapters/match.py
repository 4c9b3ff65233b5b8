"""Which adapters fit a device: pure scoring of what it announced, then a few harmless reads to be sure."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from urllib.parse import urlsplit

from claw.adapters import forms
from claw.adapters.adapter import Adapter, EndpointSpec, FormTemplate, MatchRule
from claw.adapters.expand import Key
from claw.errors import CredentialMissing, DeviceError
from claw.model.announcement import Announcement, Via
from claw.model.device import Device
from claw.model.form import Endpoint, Form
from claw.model.identity import Identity
from claw.model.json import Json

Read = Callable[[Form], Awaitable[Json]]
_POLITE = frozenset({Via.SWEEP, Via.CONFIGURED})  # only what a person asked for is probed without a hint


@dataclass(frozen=True, slots=True)
class Candidate:
    """An adapter that may fit, and where to reach the device with it. `score`: how precise the match is."""

    adapter: Adapter
    announcement: Announcement
    endpoint: Endpoint
    rule: MatchRule
    score: int


def candidates(device: Device, adapters: Iterable[Adapter]) -> list[Candidate]:
    """Every adapter that fits something the device announced, the most precise first. Pure."""
    best: dict[str, Candidate] = {}
    for adapter in adapters:
        for rule in adapter.match:
            for announcement in device.announcements:
                score = 0 if announcement.gone else rule_score(rule, announcement)
                if score and (adapter.id not in best or score > best[adapter.id].score):
                    where = endpoint(adapter, device, announcement, rule)
                    best[adapter.id] = Candidate(adapter, announcement, where, rule, score)
    return sorted(best.values(), key=lambda each: (-each.score, each.adapter.id))


def rule_score(rule: MatchRule, announcement: Announcement) -> int:
    """How precisely `rule` describes `announcement`; 0 when a condition does not hold."""
    if rule.via and rule.via != announcement.via:
        return 0
    if rule.port is not None and rule.port != announcement.port:
        return 0
    globs: list[tuple[str, str | None, int]] = [
        (rule.kind, _kind(rule.kind, announcement), 20),
        (rule.name, announcement.name, 30),
    ]
    globs += [(glob, announcement.fields.get(key), 40) for key, glob in rule.fields.items()]
    score = 1 + 5 * (rule.port is not None)
    for glob, text, weight in globs:
        if not glob:
            continue
        if text is None or not fits(glob, text):
            return 0
        score += weight + min(9, len(glob.strip("*")))
    if rule.probe is not None and not (rule.kind or rule.name or rule.fields):
        asked_for = announcement.via in _POLITE and announcement.kind != "rtsp"  # a camera's port is no web server
        return score if asked_for else 0
    return score


def _kind(glob: str, announcement: Announcement) -> str:
    """What was announced; of a UPnP device also what it says it is: the root device may be heard first."""
    described = announcement.fields.get("devicetype", "") if announcement.via is Via.SSDP else ""
    return described if described and not fits(glob, announcement.kind) else announcement.kind


def fits(glob: str, text: str) -> bool:
    """Shell glob, without case."""
    return fnmatchcase(text.lower(), glob.lower())


def endpoint(
    adapter: Adapter, device: Device, announcement: Announcement, rule: MatchRule | None = None, secret: str = ""
) -> Endpoint:
    """Where to talk to `device` with `adapter`. An optional credential counts only once there is a `secret`."""
    spec: EndpointSpec = rule.endpoint if rule and rule.endpoint else adapter.endpoint
    credential = adapter.credential
    locked = credential is not None and (bool(secret) or not credential.optional)
    return Endpoint(
        host=(announcement.hosts or device.hosts or ("",))[0],
        port=spec.port or announcement.port,
        scheme=spec.scheme,
        device_id=device.id,
        auth=credential.where if credential and locked else "none",
        auth_name=credential.name if credential and locked else "",
        secret=secret,
        path=_path(announcement.location) if adapter.binding == "rtsp" else "",
    )


def _path(location: str | None) -> str:
    try:
        parts = urlsplit(location or "")
    except ValueError:
        return ""
    return f"{parts.path or '/'}?{parts.query}".rstrip("?")


async def confirm(candidate: Candidate, read: Read) -> bool:
    """Whether the device answers like this product: its probe agrees and it says who it is.

    False for a device that answers otherwise or not at all; CredentialMissing passes through.
    """
    probe = candidate.rule.probe
    if probe is not None:
        answer = await _ask(probe.form, read)
        if answer is None or not fits(probe.equals, forms.text(answer)):
            return False
    return not candidate.adapter.identity or bool(await identities(candidate.adapter, read))


async def identities(adapter: Adapter, read: Read) -> tuple[Identity, ...]:
    """Who the device says it is, by the adapter's `claw:identity`; what it does not tell is left out."""
    answers: dict[Key, Json] = {}
    for spec in adapter.identity:
        key = (spec.form.method, spec.form.href)
        if key not in answers:
            answers[key] = await _ask_all(spec.form, read)
    return identities_in(adapter, answers)


def identities_in(adapter: Adapter, answers: Mapping[Key, Json]) -> tuple[Identity, ...]:
    """Who these answers say it is. Pure."""
    found = []
    for spec in adapter.identity:
        value = forms.select(spec.form.select, answers.get((spec.form.method, spec.form.href)))
        identity = Identity.of(spec.scheme, forms.text(value)) if isinstance(value, str | int) else None
        if identity is not None:
            found.append(identity)
    return tuple(found)


async def _ask(template: FormTemplate, read: Read) -> Json:
    return forms.select(template.select, await _ask_all(template, read))


async def _ask_all(template: FormTemplate, read: Read) -> Json:
    form, _ = forms.fill(template, {})
    try:
        return await read(form)
    except CredentialMissing:
        raise
    except DeviceError:
        return None
