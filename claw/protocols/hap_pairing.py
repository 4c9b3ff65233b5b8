"""Pair setup with an accessory by its set-up code (HAP 5.6)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Generator
from typing import Any, Final, TypeVar

import anyio
from aiohomekit.exceptions import (
    AuthenticationError,
    BackoffError,
    BusyError,
    MaxPeersError,
    MaxTriesError,
    UnavailableError,
)
from aiohomekit.protocol import perform_pair_setup_part1, perform_pair_setup_part2

from claw.errors import CredentialWrong, DeviceRefused
from claw.protocols.hap_link import PlainLink, translated

R = TypeVar("R")

SETUP_TIMEOUT: Final = 20.0  # seconds; small accessories compute for a while


def setup_code(text: str) -> str:
    """`03145154`, `031-45-154` or `031 45 154` as `031-45-154`. Raises CredentialWrong."""
    digits = re.sub(r"[\s.-]", "", text)
    if not re.fullmatch(r"[0-9]{8}", digits):
        raise CredentialWrong("A set-up code has eight digits, like 031-45-154. Look on the accessory's label.")
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


async def pair_setup(host: str, port: int, code: str, *, mfi: bool = False) -> dict[str, str]:
    """Pair; the long-term keys as aiohomekit names them. `mfi`: the feature flags ask for it (ff bit 0).

    A refused proof is tried once more: some stacks drop the leading zero bytes of a number in it, and so refuse
    about one in a hundred correct codes. A wrong code costs two of the hundred tries that an accessory allows.
    """
    code = setup_code(code)
    for last in (False, True):
        try:
            return await _attempt(host, port, code, mfi=mfi)
        except CredentialWrong as error:
            if not isinstance(error.__cause__, AuthenticationError):
                raise
            if last:
                raise CredentialWrong("The set-up code is wrong. Check the eight digits and try again.") from error
    raise AssertionError  # the loop returns or raises


async def _attempt(host: str, port: int, code: str, *, mfi: bool) -> dict[str, str]:
    link = PlainLink(host, port)
    try:
        with translated(f"{host}:{port}", link), anyio.fail_after(SETUP_TIMEOUT):
            await link.open()
            salt, public_key = await _converse(link, perform_pair_setup_part1(with_auth=mfi))
            setup = perform_pair_setup_part2(code, str(uuid.uuid4()), salt, public_key)
            return await _converse(link, setup)
    finally:
        link.end()


async def _converse(link: PlainLink, machine: Generator[Any, Any, R]) -> R:
    """Drive one of aiohomekit's state machines over the link."""
    try:
        request, expected = next(machine)
        while True:
            answer = await link.post_tlv("/pair-setup", body=request, expected=expected)
            request, expected = machine.send(answer)
    except StopIteration as done:
        result: R = done.value
        return result
    except UnavailableError as error:
        raise DeviceRefused(
            "The accessory is already paired with another app. Remove it there, or reset its pairing, then try again."
        ) from error
    except MaxTriesError as error:
        raise DeviceRefused("Too many wrong set-up codes. Restart the accessory, then try again.") from error
    except BusyError as error:
        raise DeviceRefused("The accessory is being paired by someone else. Wait a minute and try again.") from error
    except BackoffError as error:
        raise DeviceRefused("The accessory asks to wait before the next try. Try again in a few minutes.") from error
    except MaxPeersError as error:
        raise DeviceRefused("The accessory has no room for another pairing. Remove one in its app first.") from error
