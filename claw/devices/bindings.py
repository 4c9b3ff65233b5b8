"""The wires this house speaks, by the word that adapters use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from claw.errors import NotSupported
from claw.protocols.binding import Binding

AT_ONCE = 2  # exchanges that one device is asked to carry at the same time
MANY_AT_ONCE = {"hap": 64, "mqtt": 64}  # wires that put concurrent exchanges into one request, or need none
# wires whose read gives what was last heard, not what is so now: only news proves a write, and silence is no absence
REMEMBERING = frozenset({"mqtt"})


class Bindings(Mapping[str, Binding]):
    """Name -> binding, with one clear sentence for a wire that is not there."""

    def __init__(self, bindings: Mapping[str, Binding]) -> None:
        self._bindings = dict(bindings)

    def __getitem__(self, name: str) -> Binding:
        return self._bindings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._bindings)

    def __len__(self) -> int:
        return len(self._bindings)

    def wire(self, name: str) -> Binding:
        """The binding of that name. Raises NotSupported naming those there are."""
        try:
            return self._bindings[name]
        except KeyError:
            there = ", ".join(sorted(self._bindings)) or "none"
            raise NotSupported(f"This Claw does not speak {name!r}; the wires it has are: {there}.") from None

    async def aclose(self) -> None:
        """Close every wire; one that fails to close does not keep the others open."""
        errors: list[Exception] = []
        for binding in self._bindings.values():
            try:
                await binding.aclose()
            except Exception as error:  # noqa: BLE001 - all must be tried; reported together below
                errors.append(error)
        if errors:
            raise ExceptionGroup("closing the wires", errors)
