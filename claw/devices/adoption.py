"""From a box on the network to things that are proved to obey: match, compile, unlock, expand, verify, keep."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import anyio

from claw.adapters import forms, match
from claw.adapters.adapter import Adapter
from claw.adapters.expand import UnitInstance, expand
from claw.devices.bindings import Bindings
from claw.devices.credentials import unlock
from claw.devices.discovery.kinds import distractor
from claw.devices.endpoint import endpoint, secret_ref
from claw.devices.evidence import Gatherer, Given
from claw.devices.grades import graded
from claw.devices.prove import Proof
from claw.devices.registry import Registry
from claw.devices.targets import locate
from claw.devices.units import thing_of
from claw.errors import AdapterError, ClawError, CredentialMissing, CredentialWrong, DeviceError, NotFound, UsageError
from claw.model.context import Context
from claw.model.device import Device
from claw.model.form import Form, Target
from claw.model.json import Json, JsonObject
from claw.model.level import Receipt
from claw.model.thing import Thing
from claw.protocols.binding import Secrets

PROVING_AT_ONCE = 4

Progress = Callable[[str], None]
T = TypeVar("T")
Read = Callable[[Form], Awaitable[Json]]


@dataclass(frozen=True, slots=True)
class Compiler:
    """One way of learning a device from what it says of itself: evidence, and documents made of it."""

    gatherer: Gatherer
    propose: Callable[[Json], Sequence[JsonObject]]


@dataclass(frozen=True, slots=True)
class Adopted:
    """What came of an adoption. `asked`: what a person must still do, in sentences."""

    things: tuple[Thing, ...]
    receipts: tuple[Receipt, ...]
    asked: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Fitted:
    """An adapter that the device has answered to, and the units it has."""

    adapter: Adapter
    device: Device
    units: tuple[UnitInstance, ...]


class Adoption:
    """Adopts devices. `compilers` are asked in order when no shipped adapter fits."""

    def __init__(
        self,
        registry: Registry,
        bindings: Bindings,
        secrets: Secrets,
        proof: Proof,
        compilers: Sequence[Compiler] = (),
    ) -> None:
        self._registry = registry
        self._bindings = bindings
        self._secrets = secrets
        self._proof = proof
        self._compilers = tuple(compilers)
        self._described = frozenset(compiler.gatherer.wire for compiler in self._compilers)
        self._turns: dict[str, anyio.Lock] = {}

    async def adopt(
        self,
        target: str,
        *,
        consent: bool,
        code: str = "",
        secret: str = "",
        context: Context,
        progress: Progress = lambda _line: None,
    ) -> Adopted:
        """Adopt what `target` names: a thing, a device, an address or a URL. Doing it again proves it again.

        `consent`: an owner's yes to harmless experiments, restored afterwards. `code`: a HomeKit set-up code;
        `secret`: a key or password. Raises NotFound naming what was tried, UsageError, or the DeviceError family.
        """
        device = await locate(self._registry, target, context)
        given = Given(consent, code, secret)
        async with self._turns.setdefault(device.id, anyio.Lock()):
            try:
                fitted = await self._fit(device, given, context, progress)
            except CredentialMissing as error:
                return Adopted((), (), (str(error),))
            return await self._keep(fitted, given, context, progress)

    async def reverify(self, id_: str, context: Context, *, named: bool = False) -> tuple[Receipt, ...]:
        """Prove one thing again, by the consent it has; the new receipts. Raises NotFound.

        `named`: an owner said yes to this very thing by its name, so a plug may be tried too.
        """
        return await self._proof.prove(id_, context, named=named)

    async def _fit(self, device: Device, given: Given, context: Context, progress: Progress) -> list[_Fitted]:
        """The adapters that drive this device: one from the library, else all that a compiler makes."""
        tried: list[str] = []
        if fitted := await self._from_library(device, given, context, tried, progress):
            return fitted
        if what := distractor(device.announcements):
            raise UsageError(f"{device.title} is a {what}; Claw names it, but has nothing to do with it.")
        if fitted := await self._from_itself(device, given, tried, progress):
            return fitted
        where = f" at {device.host}" if device.host else ""
        raise NotFound(f"Nothing drives {device.title}{where} yet. Tried: {'; '.join(tried) or 'nothing fits'}.")

    async def _from_library(
        self, device: Device, given: Given, context: Context, tried: list[str], progress: Progress
    ) -> list[_Fitted]:
        for candidate in match.candidates(device, self._registry.adapters.values()):
            adapter = candidate.adapter
            if adapter.binding in self._described and self._registry.is_made(adapter.id):
                continue  # made from what such a device said: it is asked anew below
            progress(f"Trying {adapter.title}")
            try:
                return [await self._try(candidate, device, given, context)]
            except CredentialMissing:
                raise
            except (DeviceError, AdapterError, NotFound) as error:
                tried.append(f"{adapter.title} ({_short(error)})")
        return []

    async def _from_itself(self, device: Device, given: Given, tried: list[str], progress: Progress) -> list[_Fitted]:
        for compiler in self._compilers:
            name = compiler.gatherer.name
            heard = compiler.gatherer.hears(device)
            if heard is None:
                tried.append(f"{name} (not announced)")
                continue
            progress(f"Asking {device.title} to describe itself ({name})")
            try:
                evidence = await compiler.gatherer.gather(device, heard, given)
                if made := await self._compile(compiler, device, evidence):
                    return made
                tried.append(f"{name} (describes nothing that Claw knows)")
            except CredentialMissing:
                raise
            except (DeviceError, AdapterError) as error:
                tried.append(f"{name} ({_short(error)})")
        return []

    async def _try(self, candidate: match.Candidate, device: Device, given: Given, context: Context) -> _Fitted:
        adapter = candidate.adapter
        if not await self._ask(adapter, device, given, lambda read: match.confirm(candidate, read)):
            raise NotFound("does not answer like one")
        await self._unlocked(adapter, device, given)
        units = await self._ask(adapter, device, given, lambda read: expand(adapter, read))
        if not units:
            raise NotFound("answers, but has nothing to drive")
        if adapter.credential is not None:
            await self._ask(adapter, device, given, lambda read: _knock(adapter, units[0], read))
        who = await self._ask(adapter, device, given, lambda read: match.identities(adapter, read))
        return _Fitted(adapter, await self._registry.identify(device.id, who, context), units)

    async def _unlocked(self, adapter: Adapter, device: Device, given: Given) -> None:
        """Use what a person gave; and get what is always needed before a device is asked for more than its name."""
        credential = adapter.credential
        if credential is None:
            return
        kept = await self._secrets.get(secret_ref(adapter.binding, device.id))
        if given.secret or not (kept or credential.optional):
            await unlock(adapter, device, self._bindings.wire(adapter.binding), self._secrets, given.secret)

    async def _ask(
        self, adapter: Adapter, device: Device, given: Given, question: Callable[[Read], Awaitable[T]]
    ) -> T:
        """Put a question to the device; where it is locked, unlock it once and ask again."""
        binding = self._bindings.wire(adapter.binding)
        where = endpoint(adapter, device)

        async def read(form: Form) -> Json:
            return await binding.read(Target(where, form))

        try:
            return await question(read)
        except CredentialMissing:
            await unlock(adapter, device, binding, self._secrets, given.secret)
        try:
            return await question(read)
        except CredentialWrong:
            await self._secrets.put(secret_ref(adapter.binding, device.id), "")  # it opens nothing
            raise

    async def _compile(self, compiler: Compiler, device: Device, evidence: Json) -> list[_Fitted]:
        wire = self._bindings.wire(compiler.gatherer.wire)
        made: list[_Fitted] = []
        for document in compiler.propose(evidence):
            adapter = await self._registry.put_adapter(document, f"proposer:{compiler.gatherer.wire}")

            async def read(form: Form, adapter: Adapter = adapter) -> Json:
                return await wire.read(Target(endpoint(adapter, device), form))

            made.append(_Fitted(adapter, device, await expand(adapter, read)))
        return [each for each in made if each.units]

    async def _keep(self, fitted: list[_Fitted], given: Given, context: Context, progress: Progress) -> Adopted:
        kept: dict[str, Thing] = {}
        static: list[Receipt] = []
        for each in fitted:
            receipts = self._proof.static(each.adapter)
            static += receipts
            made = self._registry.is_made(each.adapter.id)
            for instance in each.units:
                thing = thing_of(
                    self._registry, each.device, each.adapter, instance, consent=given.consent, named=made
                )
                kept[thing.id] = await self._registry.put_thing(graded(thing, receipts), context)
        limit = anyio.Semaphore(PROVING_AT_ONCE)
        live: dict[str, tuple[Receipt, ...]] = {}

        async def prove(id_: str) -> None:
            async with limit:
                progress(f"Proving {kept[id_].title}")
                live[id_] = await self._proof.prove(id_, context, named=len(kept) == 1)

        async with anyio.create_task_group() as group:
            for id_ in kept:
                group.start_soon(prove, id_)
        things = tuple(self._registry.things[id_] for id_ in kept if id_ in self._registry.things)
        return Adopted(things, (*static, *(receipt for id_ in kept for receipt in live[id_])), ())


async def _knock(adapter: Adapter, unit: UnitInstance, read: Read) -> None:
    """Read one property, to learn whether the credential opens the door."""
    for name, bound in adapter.units[unit.model].properties.items():
        if bound.read is not None and name not in unit.lacks:
            await read(forms.fill(bound.read, unit.vars)[0])
            return


def _short(error: ClawError) -> str:
    return str(error).rstrip(".")
