"""A UPnP service: its SCPD generated from signatures, SOAP dispatched to methods, events published."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from aiohttp import web
from anyio.abc import TaskGroup

from claw.simulator.upnp import soap
from claw.simulator.upnp.description import ServiceEntry
from claw.simulator.upnp.gena import Publisher

Arguments = Mapping[str, str]
Call = Callable[[Arguments], Mapping[str, str]]

_UNSIGNED = "ui4"


@dataclass(frozen=True, slots=True)
class Variable:
    """A state variable's type and limits."""

    type: str = "string"
    allowed: tuple[str, ...] = ()
    range: tuple[int, int] | None = None
    evented: bool = False

    def xml(self, name: str) -> str:
        """Its entry in the state table."""
        allowed = "".join(f"<allowedValue>{value}</allowedValue>" for value in self.allowed)
        limits = (
            f"<allowedValueRange><minimum>{self.range[0]}</minimum><maximum>{self.range[1]}</maximum>"
            "<step>1</step></allowedValueRange>"
            if self.range
            else ""
        )
        return (
            f'<stateVariable sendEvents="{"yes" if self.evented else "no"}"><name>{name}</name>'
            f"<dataType>{self.type}</dataType>"
            + (f"<allowedValueList>{allowed}</allowedValueList>" if allowed else "")
            + f"{limits}</stateVariable>"
        )


@dataclass(frozen=True, slots=True)
class Action:
    """One action: `signature` is `In In -> Out Out`, the arguments in order."""

    signature: str
    call: Call

    @property
    def ins(self) -> list[str]:
        """The input arguments."""
        return self.signature.partition("->")[0].split()

    @property
    def outs(self) -> list[str]:
        """The output arguments."""
        return self.signature.partition("->")[2].split()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What arguments mean: state variables by name, and which variable an argument carries."""

    variables: Mapping[str, Variable]
    arguments: Mapping[str, str]

    def variable_of(self, argument: str) -> str:
        """The related state variable; arguments without one get their own string."""
        if argument in self.variables:
            return argument
        return self.arguments.get(argument, f"A_ARG_TYPE_{argument}")


class UpnpService:
    """One service under `prefix`. `initial` gives every evented value to a new subscriber."""

    def __init__(
        self,
        name: str,
        prefix: str,
        *,
        actions: Mapping[str, Action],
        vocabulary: Vocabulary,
        initial: Callable[[], Mapping[str, str]],
        tasks: TaskGroup,
    ) -> None:
        self.name = name
        self.type = f"urn:schemas-upnp-org:service:{name}:1"
        self.prefix = prefix
        self._actions = actions
        self._vocabulary = vocabulary
        self._initial = initial
        self.events = Publisher(tasks)

    def entry(self) -> ServiceEntry:
        """Its line in the device description."""
        root = f"{self.prefix}/{self.name}"
        scpd = f"/xml/{self.name}1.xml"
        return ServiceEntry(
            self.type, f"urn:upnp-org:serviceId:{self.name}", f"{root}/Control", f"{root}/Event", scpd
        )

    def routes(self) -> list[web.RouteDef]:
        """SCPD, control and eventing."""
        entry = self.entry()
        return [
            web.get(entry.scpd, self._scpd),
            web.post(entry.control, self._control),
            web.route("SUBSCRIBE", entry.event, self._subscribe),
            web.route("UNSUBSCRIBE", entry.event, self.events.unsubscribe),
        ]

    async def _control(self, request: web.Request) -> web.Response:
        service, _, name = request.headers.get("SOAPACTION", "").strip('"').rpartition("#")
        action = self._actions.get(name)
        if service != self.type or action is None:
            return soap.fault(401)
        try:
            arguments = soap.parse(await request.text())
            if set(action.ins) - arguments.keys():
                return soap.fault(402)
            return soap.answer(self.type, name, action.call(arguments))
        except soap.UpnpRefusal as refusal:
            return soap.fault(refusal.code)
        except ValueError:
            return soap.fault(402)

    async def _subscribe(self, request: web.Request) -> web.Response:
        return await self.events.subscribe(request, self._initial())

    async def _scpd(self, _request: web.Request) -> web.Response:
        vocabulary = self._vocabulary
        used = dict(vocabulary.variables)
        listed = ""
        for name, action in self._actions.items():
            arguments = ""
            for direction, names in (("in", action.ins), ("out", action.outs)):
                for argument in names:
                    variable = vocabulary.variable_of(argument)
                    used.setdefault(variable, Variable(_UNSIGNED) if argument == "InstanceID" else Variable())
                    arguments += (
                        f"<argument><name>{argument}</name><direction>{direction}</direction>"
                        f"<relatedStateVariable>{variable}</relatedStateVariable></argument>"
                    )
            listed += f"<action><name>{name}</name><argumentList>{arguments}</argumentList></action>"
        text = (
            '<?xml version="1.0" encoding="utf-8"?><scpd xmlns="urn:schemas-upnp-org:service-1-0">'
            "<specVersion><major>1</major><minor>0</minor></specVersion>"
            "<serviceStateTable>"
            + "".join(variable.xml(name) for name, variable in used.items())
            + "</serviceStateTable>"
            f"<actionList>{listed}</actionList></scpd>"
        )
        return web.Response(text=text, content_type="text/xml", charset="utf-8")
