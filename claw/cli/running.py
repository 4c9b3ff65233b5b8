"""Running asynchronous work from the command line: what goes wrong comes out as the one error that it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import anyio

from claw.errors import ClawError

T = TypeVar("T")


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run `work` to its end. A ClawError inside exception groups is raised bare."""
    refused: list[ClawError] = []
    try:
        return anyio.run(work)
    except* ClawError as group:
        refused.append(_first(group))
    # out here: inside `except*` it would be wrapped again
    raise refused[0]


def _first(group: BaseExceptionGroup[ClawError]) -> ClawError:
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, BaseExceptionGroup) else inner
