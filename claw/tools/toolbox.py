"""All tools behind one door: arguments checked, roles held, confirmations wanted."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model

import claw.tools
from claw.errors import Forbidden, InvalidValue, NotFound
from claw.model.affordance import Risk
from claw.model.json import JsonObject
from claw.model.principal import Role
from claw.tools.ports import Desk
from claw.tools.tool import Caller, Stakes, Tool, ToolResult

__all__ = ["Caller", "ToolResult", "ToolSpec", "Toolbox"]

_LIMIT = {Role.GUEST: Risk.HARMLESS, Role.ADULT: Risk.SECURE, Role.OWNER: Risk.SECURE}
_GIVEN = ("desk", "caller")  # parameters that a caller does not fill in


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool as shown to people and models. `risk`: the least that any call carries."""

    name: str
    description: str
    schema: JsonObject
    risk: Risk


@dataclass(frozen=True, slots=True)
class _Entry:
    tool: Tool
    arguments: type[BaseModel]

    def spec(self) -> ToolSpec:
        """The tool as it is shown; only models ask, so a start does not make it."""
        about = inspect.getdoc(self.tool.run) or ""
        return ToolSpec(self.tool.name, about, self.arguments.model_json_schema(), self.tool.risk)


@cache
def _entries() -> Mapping[str, _Entry]:
    """Every module of this package that defines TOOL; a new tool is one new file."""
    modules = (import_module(f"claw.tools.{found.name}") for found in pkgutil.iter_modules(claw.tools.__path__))
    tools = (module.TOOL for module in modules if hasattr(module, "TOOL"))
    return MappingProxyType({tool.name: _entry(tool) for tool in tools})


@cache
def _specs() -> Mapping[str, ToolSpec]:
    return MappingProxyType({name: entry.spec() for name, entry in _entries().items()})


def _entry(tool: Tool) -> _Entry:
    hints = get_type_hints(tool.run)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(tool.run).parameters.items():
        if name not in _GIVEN:
            default = ... if parameter.default is inspect.Parameter.empty else parameter.default
            fields[name] = (hints[name], default)
    arguments = create_model(tool.name, __config__=ConfigDict(extra="forbid", strict=True), **fields)
    return _Entry(tool, arguments)


class Toolbox:
    """Calls tools on behalf of people."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        _entries()  # the first order must not wait for them

    @property
    def specs(self) -> Mapping[str, ToolSpec]:
        """Every tool by name."""
        return _specs()

    async def call(self, name: str, arguments: JsonObject, caller: Caller) -> ToolResult:
        """Run a tool. Raises NotFound, InvalidValue (naming the argument) and Forbidden.

        A result with `needs` ran nothing: it wants the same call again, confirmed by a person.
        """
        entry = _entries().get(name)
        if entry is None:
            raise NotFound(f"No tool is called {name!r}. There are: {', '.join(sorted(_entries()))}.")
        try:
            given = entry.arguments.model_validate(dict(arguments))
        except ValidationError as error:
            raise InvalidValue(f"{name}: {_first(error)}") from error
        values = {key: getattr(given, key) for key in entry.arguments.model_fields}
        stakes = await entry.tool.judge(self._desk, values)
        self._allowed(stakes, caller)
        if not caller.confirmed and stakes.asks:
            return ToolResult(data=stakes.plan, needs=stakes.risk, unproved=stakes.unproved)
        return await entry.tool.run(self._desk, caller, **values)

    def _allowed(self, stakes: Stakes, caller: Caller) -> None:
        role = caller.principal.role
        if stakes.risk > _LIMIT[role]:
            raise Forbidden("Guests may use lights, shades and music; ask someone who lives here for that.")
        if stakes.unproved and role is not Role.OWNER:
            title = self._desk.registry.things[stakes.unproved[0]].title
            raise Forbidden(f"I have read the {title}, but never driven it yet; an owner must let me try first.")


def _first(error: ValidationError) -> str:
    one = error.errors(include_url=False)[0]
    where = ".".join(str(part) for part in one["loc"])
    return f"{where}: {one['msg']}." if where else f"{one['msg']}."
