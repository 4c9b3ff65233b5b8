"""The wires of a house by name."""

from __future__ import annotations

import pytest

from claw.devices.bindings import Bindings
from claw.errors import NotSupported
from claw.protocols.http import Http
from claw.protocols.upnp import Upnp
from tests.protocols.hap_zoo import Vault


class Stuck(Http):
    """A wire that fails to close."""

    async def aclose(self) -> None:
        await super().aclose()
        raise OSError("stuck")


async def test_a_missing_wire_is_said_with_those_there_are() -> None:
    bindings = Bindings({"http": Http(Vault()), "upnp": Upnp(Vault())})
    assert bindings.wire("http") is bindings["http"]
    assert (len(bindings), list(bindings)) == (2, ["http", "upnp"])
    with pytest.raises(NotSupported) as caught:
        bindings.wire("knx")
    assert str(caught.value) == "This Claw does not speak 'knx'; the wires it has are: http, upnp."
    await bindings.aclose()


async def test_one_wire_that_fails_to_close_does_not_keep_the_others_open() -> None:
    last = Upnp(Vault())
    closed = []
    real = last.aclose

    async def close() -> None:
        closed.append("upnp")
        await real()

    last.aclose = close  # type: ignore[method-assign]
    with pytest.raises(ExceptionGroup, match="closing the wires"):
        await Bindings({"http": Stuck(Vault()), "upnp": last}).aclose()
    assert closed == ["upnp"]
