"""A consumed Thing: reads in human units, and writes that are believed only when read back."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import anyio

from claw.devices.bindings import REMEMBERING
from claw.devices.effects import SUPERSEDED, cut_off, not_done
from claw.devices.expected import check, expected
from claw.devices.grades import graded, shown
from claw.devices.lanes import Lane
from claw.devices.observed import ObservedThing, Surroundings
from claw.devices.readback import News, Outcome, ReadBack
from claw.devices.values import accept
from claw.errors import (
    CredentialMissing,
    DeviceError,
    DeviceOffline,
    DeviceTimeout,
    NotProven,
    StoreError,
)
from claw.model.affordance import Property
from claw.model.context import Context
from claw.model.effect import Effect
from claw.model.events import CommandDone
from claw.model.form import Target
from claw.model.json import Json, JsonObject
from claw.model.level import Level
from claw.model.reading import Reading, Source
from claw.protocols.binding import Binding

log = logging.getLogger(__name__)

HOPELESS = (DeviceOffline, CredentialMissing)  # nothing was done, and a look would say the same


class Journal(Protocol):
    """Where every effect is written down; `store.changes` is one."""

    async def add(self, effect: Effect, context: Context, at: float) -> object:
        """Keep an effect with its cause."""
        ...


@dataclass(frozen=True, slots=True)
class _Order:
    """One order on its way: what to send, and what would prove it."""

    prop: Property
    asked: Json
    also: tuple[Json, ...]
    send: Callable[[Binding], Awaitable[Json]]


class ConsumedThing(ObservedThing):
    """One thing, through whatever wire it has. Made by `Things.get`."""

    def __init__(self, id_: str, around: Surroundings, limit: anyio.Semaphore, journal: Journal) -> None:
        super().__init__(id_, around, limit)
        self._journal = journal
        self._lanes: dict[str, Lane] = {}

    async def write(
        self, name: str, value: Json, context: Context, *, confirmed: bool = False, trial: bool = False
    ) -> Effect:
        """Set a property and see whether it happened. A device's trouble is told in the effect, never raised.

        Raises InvalidValue, CodecError or NotFound before anything is sent, and NotProven below level 5 unless a
        person has confirmed this order; such an order, once seen to work, is a proof of level 5. `trial`: an
        experiment, which is judged by who makes it.
        """
        prop = self._property(name)
        self._proven(confirmed=confirmed)
        asked = accept(prop, value)
        target, payload = self.wiring.write(name, asked)
        order = _Order(prop, asked, (), lambda binding: binding.write(self._now(target), payload))
        effect = await self._in_turn(order, context)
        receipt = shown(prop, effect, time.time(), told=self.wiring.adapter.binding in REMEMBERING)
        if receipt is not None and not trial and self.thing.level < Level.WRITE_READ_BACK:
            await self._around.registry.put_thing(graded(self.thing, (receipt,)), context)
        return effect

    async def invoke(
        self, action: str, arguments: JsonObject, context: Context, *, confirmed: bool = False
    ) -> Effect | None:
        """Run an action; the effect on the property that proves it, or None when nothing of it can be read back.

        Raises as `write` does, and DeviceError for an action whose effect cannot be seen.
        """
        thing = self.thing
        check(thing, action, arguments)
        self._proven(confirmed=confirmed)
        target, payload = self.wiring.invoke(action, arguments)
        proof = expected(thing, action)
        if proof is None:
            await self._send(lambda binding: binding.invoke(self._now(target), payload), context)
            return None
        order = _Order(
            self._property(proof.property),
            proof.asked,
            proof.also,
            lambda binding: binding.invoke(self._now(target), payload),
        )
        return await self._in_turn(order, context)

    async def _in_turn(self, order: _Order, context: Context) -> Effect:
        began = anyio.current_time()
        name = order.prop.name
        self._around.state.desire(self.id, name, order.asked)
        lane = self._lanes.setdefault(name, Lane())
        passed = await lane.run(lambda overtaken: self._carry_out(order, context, overtaken))
        ms = (anyio.current_time() - began) * 1000
        effect = passed.effect
        if effect is None:  # overtaken by an order that came to nothing before it was sent
            last = self._around.state.get(self.id, name)
            old = last.value if last is not None else None
            effect = Effect(self.id, name, old, old, order.asked, verified=False, ms=ms, title=self.thing.title)
        if passed.overtaken:
            effect = replace(effect, asked=order.asked, verified=False, problem=SUPERSEDED)
        effect = replace(effect, ms=ms)
        try:
            await self._journal.add(effect, context, time.time())
        except StoreError as error:  # it happened, journal or not
            log.error("%s: the change could not be written down: %s", effect.thing, error)  # noqa: TRY400 - one line
        self._around.bus.publish(CommandDone(context=context, effect=effect))
        return effect

    async def _carry_out(self, order: _Order, context: Context, overtaken: anyio.Event) -> Effect:
        name = order.prop.name
        blank = Effect(self.id, name, None, None, order.asked, verified=False, ms=0.0, title=self.thing.title)
        remembering = self.wiring.adapter.binding in REMEMBERING
        trouble: DeviceError | None = None
        with self._listening(name) as news:
            try:
                old = await self._old(name, context, fresh=remembering)
            except DeviceError as error:
                return replace(blank, problem=self._said(error))
            news.take()
            try:
                await self._send(order.send, context)
            except HOPELESS as error:
                return replace(blank, old=old, problem=self._said(error))
            except DeviceError as error:
                trouble = error
            sent = time.monotonic()
            # a refusal or a lost answer disproves nothing: the order may have been carried out all the same
            prop = order.prop if trouble is None else replace(order.prop, settle=0.0)
            back = ReadBack(prop, order.asked, old, order.also, silent=isinstance(trouble, DeviceTimeout))

            async def look() -> Reading | None:
                if not remembering:
                    first = self.cut_off or not self.wiring.tells_reachable(name)
                    if first and not await self.ask_reachable(context, sent):
                        raise DeviceOffline(cut_off(self.thing))
                    return await self._look(name, context, Source.READ_BACK)
                heard = await self._heard(name, context)
                return heard if heard is not None and heard.value != old else None

            outcome = await back.run(look, news, overtaken)
        bridged = self.cut_off or not isinstance(outcome.error, DeviceOffline)
        if bridged and not await self.ask_reachable(context, sent):
            # what the bridge says of it is what it remembers: the last that was true stands
            return replace(blank, old=old, new=old, problem=cut_off(self.thing))
        return replace(
            blank,
            old=old,
            new=outcome.value,
            verified=outcome.verified,
            settling=outcome.moving,
            problem=await self._problem(order, old, outcome, trouble, context),
        )

    async def _problem(
        self, order: _Order, old: Json, outcome: Outcome, trouble: DeviceError | None, context: Context
    ) -> str:
        if outcome.verified:
            return ""
        if isinstance(outcome.error, DeviceOffline):
            return await self.gone(context)
        if trouble is not None:
            return self._said(trouble)
        return not_done(self.thing, order.prop, order.asked, old, outcome)

    def _said(self, error: DeviceError) -> str:
        """A wire knows its device by address; people know it by name."""
        where = self.wiring.endpoint
        told = str(error)
        if self.thing.title in told:
            return told
        for address in (f"{where.host}:{where.port}", where.host):
            told = re.sub(rf"(?<![\w.:]){re.escape(address)}(?![\w.:])", self.thing.title, told)
        return told

    async def _old(self, name: str, context: Context, *, fresh: bool) -> Json:
        """What is so before the order, None when the device does not say. Raises what makes an order pointless."""
        last = self._around.state.get(self.id, name)
        if last is None or fresh:
            try:
                last = await self._heard(name, context) or last
            except (DeviceOffline, DeviceTimeout, CredentialMissing):
                raise
            except DeviceError as error:  # it cannot say what is; it may yet do what it is told
                log.info("%s: %s", self.id, error)
        return last.value if last is not None else None

    async def _heard(self, name: str, context: Context) -> Reading | None:
        """A fresh reading; None when a wire that only remembers has heard nothing."""
        try:
            return await self._look(name, context, Source.READ)
        except DeviceTimeout:
            if self.wiring.adapter.binding in REMEMBERING:
                return None
            raise

    async def _look(self, name: str, context: Context, source: Source) -> Reading | None:
        """One fresh reading of one property; None where the wire only pushes."""
        wiring = self.wiring
        carrier = next((each for each in wiring.reads((name,)) if name in each.names), None)
        if carrier is None:
            return None
        try:
            found = (await self._fetch(carrier, context, source)).get(name)
        except DeviceOffline as error:
            if source is Source.READ:
                raise DeviceOffline(await self.gone(context)) from error
            raise
        if self.cut_off and source is Source.READ_BACK:
            raise DeviceOffline(cut_off(self.thing))
        if isinstance(found, Reading):
            return found
        if found is not None and source is Source.READ_BACK:
            raise found
        return None

    async def _send(self, send: Callable[[Binding], Awaitable[Json]], context: Context) -> None:
        binding = self._around.bindings.wire(self.wiring.adapter.binding)
        try:
            async with self._limit:
                await self._bounded(send(binding))
        except DeviceOffline as error:
            raise DeviceOffline(await self.gone(context)) from error

    @contextmanager
    def _listening(self, name: str) -> Iterator[News]:
        news = News()
        self._news.setdefault(name, []).append(news)
        try:
            yield news
        finally:
            self._news[name].remove(news)

    def _now(self, target: Target) -> Target:
        """The same form at today's address: the device may have moved while the order waited its turn."""
        return replace(target, endpoint=self.wiring.endpoint)

    def _proven(self, *, confirmed: bool) -> None:
        thing = self.thing
        if thing.level < Level.WRITE_READ_BACK and not confirmed:
            raise NotProven(
                f"{thing.title} has not yet been proved to obey (level {thing.level.value} of 5). "
                f"Confirm this order, or let `claw adopt {thing.id} --yes` try it."
            )
