"""One connection to one broker: kept up by `run`, shared by everyone, remembering the last payload of each topic."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeAlias

import anyio
from aiomqtt import Client, MqttError
from aiomqtt.exceptions import MqttConnectError

from claw.errors import (
    AnswerTooLarge,
    CredentialMissing,
    CredentialWrong,
    DeviceError,
    DeviceOffline,
    DeviceRefused,
    DeviceTimeout,
)
from claw.protocols.feed import Feed
from claw.protocols.mqtt_payload import MAX_PAYLOAD, decode

if TYPE_CHECKING:
    from claw.model.json import Json

Login: TypeAlias = tuple[str, str] | None
Message: TypeAlias = "tuple[str, Json]"  # topic and payload
Subscriber: TypeAlias = Callable[[str, bytes], None]

FIRST_WAIT: Final = 0.5  # seconds until the second try; doubled each time
LONGEST_WAIT: Final = 60.0
MAX_TOPICS: Final = 4096
MAX_QUEUE: Final = 4096
_REFUSED_LOGIN: Final = frozenset({4, 5, 134, 135})  # MQTT 3.1.1 table 3.1; MQTT 5 table 3-1

_quiet = logging.getLogger("claw.mqtt.wire")
_quiet.setLevel(logging.CRITICAL)  # paho and aiomqtt log what they also raise


class Broker:
    """What is said to one broker. Raises DeviceErrors only."""

    def __init__(self, host: str, port: int, login: Callable[[], Awaitable[Login]], timeout: float) -> None:
        self.where = f"{host}:{port}"
        self._host, self._port = host, port
        self._login = login
        self._timeout = timeout
        self._client: Client | None = None
        self._problem: DeviceError | None = None
        self._turn = anyio.Event()  # set at each outcome of a try to connect, then replaced
        self._wanted = anyio.Event()  # set by a caller who does not want to wait for the next try
        self._last: dict[str, Json | DeviceError] = {}
        self._subscribed: dict[str, anyio.Event] = {}  # filter -> the broker has confirmed
        self._feeds: dict[str, list[Feed[Message]]] = defaultdict(list)
        self._listeners: dict[str, list[Subscriber]] = defaultdict(list)
        self.scope = anyio.CancelScope()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        wait = FIRST_WAIT
        with self.scope:
            while True:
                problem = await self._live()
                if self._client is not None:
                    wait = FIRST_WAIT  # it had worked
                self._lost(problem)
                self._wanted = anyio.Event()
                # a wrong password does not become right by trying again: wait to be asked
                longest = float("inf") if isinstance(problem, CredentialMissing) else wait
                with anyio.move_on_after(longest):
                    await self._wanted.wait()
                wait = min(wait * 2, LONGEST_WAIT)

    def end(self) -> None:
        """Disconnect for good."""
        self.scope.cancel()
        self._lost(DeviceOffline("The connection to the MQTT broker was closed."))

    async def ready(self) -> Client:
        """The live connection. Raises why there is none."""
        if self._client is None:
            turn = self._turn
            self._wanted.set()
            with anyio.move_on_after(self._timeout):
                await turn.wait()
        if self._client is None:
            raise _again(self._problem or DeviceTimeout(f"The MQTT broker at {self.where} does not answer."))
        return self._client

    async def last(self, topic: str, patience: float) -> Json:
        """The last payload of a topic, waiting for the first one if need be. DeviceTimeout when there is none."""
        if topic not in self._last:
            async with self.listen(topic) as feed:
                with anyio.move_on_after(patience):
                    await feed.next()
        else:
            await self.ready()  # an old payload of a broker that is gone says nothing
        if topic not in self._last:
            raise DeviceTimeout(f"Nothing was published on {topic!r} yet. It is unknown until the next change.")
        found = self._last[topic]
        if isinstance(found, DeviceError):
            raise _again(found)
        return found

    def peek(self, topic: str) -> Json:
        """The last payload of a topic, or None."""
        found = self._last.get(topic)
        return None if isinstance(found, DeviceError) else found

    @asynccontextmanager
    async def listen(self, *topics: str) -> AsyncIterator[Feed[Message]]:
        """A feed of what is published on `topics` from now on."""
        feed: Feed[Message] = Feed()
        for topic in topics:
            self._feeds[topic].append(feed)
        try:
            for topic in topics:
                await self.subscribe(topic)
            yield feed
        finally:
            for topic in topics:
                self._feeds[topic].remove(feed)
                if not self._feeds[topic]:
                    del self._feeds[topic]

    async def subscribe(self, topic: str) -> None:
        """Receive a topic (or filter) for as long as this broker lives."""
        client = await self.ready()
        known = self._subscribed.get(topic)
        if known is not None:
            with anyio.move_on_after(self._timeout):
                await known.wait()
            return
        if len(self._subscribed) >= MAX_TOPICS:
            raise DeviceRefused(
                f"More than {MAX_TOPICS} topics of {self.where} are in use; remove some things first."
            )
        confirmed = self._subscribed[topic] = anyio.Event()
        kept = False
        try:
            answers = await client.subscribe(topic, timeout=self._timeout)
            kept = not any(getattr(answer, "is_failure", False) for answer in answers)
        except MqttError as error:
            raise DeviceOffline(f"The MQTT broker at {self.where} was lost. Try again.") from error
        finally:
            if not kept:
                self._subscribed.pop(topic, None)
            confirmed.set()
        if not kept:
            raise DeviceRefused(f"The MQTT broker does not let this user read {topic!r}. Change its access list.")

    async def publish(self, topic: str, payload: str, *, qos: int, retain: bool) -> None:
        """Send one message."""
        client = await self.ready()
        try:
            await client.publish(topic, payload, qos=qos, retain=retain, timeout=self._timeout)
        except MqttError as error:
            raise DeviceOffline(f"The MQTT broker at {self.where} was lost before it took the message.") from error
        except ValueError as error:
            raise DeviceRefused(f"The message for {topic!r} is too large for MQTT.") from error

    async def collect(self, patterns: Sequence[str], each: Subscriber, seconds: float, quiet: float) -> None:
        """Hand every message of `patterns` to `each` for `seconds`, or until nothing came for `quiet` seconds."""
        client = await self.ready()
        news = anyio.Event()

        def hear(topic: str, payload: bytes) -> None:
            each(topic, payload)
            news.set()

        for pattern in patterns:
            self._listeners[pattern].append(hear)
        try:
            with anyio.move_on_after(seconds):
                await client.subscribe([(pattern, 0) for pattern in patterns], timeout=self._timeout)
                silent = False
                while not silent:
                    with anyio.move_on_after(quiet) as patience:
                        await news.wait()
                    news, silent = anyio.Event(), patience.cancelled_caught
            await client.unsubscribe(list(patterns), timeout=self._timeout)
        except MqttError as error:
            raise DeviceOffline(f"The MQTT broker at {self.where} was lost. Try again.") from error
        finally:
            for pattern in patterns:
                self._listeners[pattern].remove(hear)

    async def _live(self) -> DeviceError:
        """Connect and route messages until the connection ends; why it did."""
        login: Login = None
        try:
            login = await self._login()
            user, password = login or (None, None)
            client = Client(
                self._host,
                self._port,
                username=user,
                password=password,
                timeout=self._timeout,
                max_queued_incoming_messages=MAX_QUEUE,
                logger=_quiet,
            )
            async with _open(client):
                if self._subscribed:
                    await client.subscribe([(topic, 0) for topic in self._subscribed])
                self._client = client
                self._outcome(None)
                async for message in client.messages:
                    self._route(str(message.topic), message.payload)
        except MqttConnectError as error:
            return _refusal(error, self.where, given=login is not None)
        except (MqttError, OSError, ValueError) as error:
            return DeviceOffline(f"The MQTT broker at {self.where} cannot be reached ({str(error)[:80]}).")
        except DeviceError as error:
            return error
        return DeviceOffline(f"The MQTT broker at {self.where} closed the connection.")

    def _route(self, topic: str, payload: object) -> None:
        raw = payload if isinstance(payload, bytes) else b""
        for pattern, listeners in self._listeners.items():
            if _fits(pattern, topic):
                for listener in listeners:
                    listener(topic, raw)
        if topic not in self._subscribed:
            return
        if len(raw) > MAX_PAYLOAD:
            self._last[topic] = AnswerTooLarge(f"{topic!r} carries more than {MAX_PAYLOAD >> 10} KiB; not a state.")
            return
        value = self._last[topic] = decode(raw)
        for feed in self._feeds.get(topic, ()):
            feed.put((topic, value))

    def _outcome(self, problem: DeviceError | None) -> None:
        self._problem = problem
        self._turn.set()
        self._turn = anyio.Event()

    def _lost(self, problem: DeviceError) -> None:
        self._client = None
        self._last.clear()  # what the broker retained comes again
        for feeds in self._feeds.values():
            for feed in feeds:
                feed.fail(problem)
        self._outcome(problem)


@asynccontextmanager
async def _open(client: Client) -> AsyncIterator[None]:
    """Connected, and disconnected in good order even when cancelled."""
    await client.__aenter__()
    try:
        yield
    finally:
        with anyio.move_on_after(1, shield=True), suppress(MqttError):
            await client.__aexit__(None, None, None)


def _again(error: DeviceError) -> DeviceError:
    return type(error)(str(error))


def _refusal(error: MqttConnectError, where: str, *, given: bool) -> DeviceError:
    code = getattr(error.rc, "value", error.rc)
    if code not in _REFUSED_LOGIN:
        return DeviceRefused(f"The MQTT broker at {where} refuses the connection ({str(error)[:80]}).")
    if given:
        return CredentialWrong(f"The MQTT broker at {where} refuses this user name and password. Give them again.")
    return CredentialMissing(f"The MQTT broker at {where} wants a user name and password.")


def _fits(pattern: str, topic: str) -> bool:
    """Whether an MQTT filter covers a topic (MQTT 4.7)."""
    wanted, parts = pattern.split("/"), topic.split("/")
    if wanted[-1] == "#":
        wanted, parts = wanted[:-1], parts[: len(wanted) - 1]
    return len(wanted) == len(parts) and all(w in ("+", p) for w, p in zip(wanted, parts, strict=True))
