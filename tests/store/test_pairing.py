from __future__ import annotations

import re
from contextlib import suppress

import anyio
import pytest

from claw.errors import InvalidValue, NotFound, Unauthorized
from claw.model.principal import Principal, Role
from claw.store import Store
from claw.store.pairing import MAX_WRONG, Pairing


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def wrong(code: str) -> str:
    """A code of the right shape that is not `code`."""
    return f"{(int(code.replace('-', '')) + 1) % 10**8:08}"


async def test_a_code_gives_a_token_once(store: Store) -> None:
    code = await store.pairing.create(60, role=Role.OWNER)
    assert re.fullmatch(r"\d{4}-\d{4}", code)
    token = await store.pairing.redeem(code, "browser")
    assert await store.tokens.check(token) == Principal("token:browser", "browser", Role.OWNER)
    with pytest.raises(Unauthorized, match="Ask for a new one"):
        await store.pairing.redeem(code, "thief")


async def test_how_a_code_is_typed_does_not_matter(store: Store) -> None:
    code = await store.pairing.create(60, role=Role.GUEST)
    assert await store.pairing.redeem(f" {code.replace('-', ' ')} ", "phone")


async def test_codes_outlive_a_restart_and_so_do_the_tokens_made_of_them(url: str) -> None:
    async with await Store.open(url) as store:
        code = await store.pairing.create(60, role=Role.ADULT)
    async with await Store.open(url) as store:
        token = await store.pairing.redeem(code, "phone")
    async with await Store.open(url) as store:
        assert await store.tokens.check(token) is not None


async def test_a_code_dies_with_its_time(store: Store) -> None:
    clock = Clock()
    pairing = Pairing(store.database, store.tokens, clock)
    code, longer = await pairing.create(60, role=Role.OWNER), await pairing.create(61, role=Role.OWNER)
    clock.now += 60
    with pytest.raises(Unauthorized):
        await pairing.redeem(code, "late")
    assert await pairing.redeem(longer, "in time")


async def test_after_five_wrong_guesses_the_right_one_is_worthless_too(url: str) -> None:
    async with await Store.open(url) as store:
        code = await store.pairing.create(60, role=Role.OWNER)
        for _ in range(MAX_WRONG - 1):
            with pytest.raises(Unauthorized):
                await store.pairing.redeem(wrong(code), "guesser")
    async with await Store.open(url) as store:  # guesses are remembered over a restart
        with pytest.raises(Unauthorized):
            await store.pairing.redeem(wrong(code), "guesser")
        with pytest.raises(Unauthorized):
            await store.pairing.redeem(code, "owner")
        assert await store.tokens.all() == []


async def test_four_wrong_guesses_are_forgiven(store: Store) -> None:
    code = await store.pairing.create(60, role=Role.OWNER)
    for guess in (wrong(code), "", "not a code", "\ud800\x00"):
        with pytest.raises(Unauthorized):
            await store.pairing.redeem(guess, "guesser")
    assert await store.pairing.redeem(code, "owner")


async def test_a_new_code_starts_with_no_guesses(store: Store) -> None:
    old = await store.pairing.create(60, role=Role.OWNER)
    for _ in range(MAX_WRONG):
        with pytest.raises(Unauthorized):
            await store.pairing.redeem(wrong(old), "guesser")
    assert await store.pairing.redeem(await store.pairing.create(60, role=Role.OWNER), "owner")


async def test_twenty_guesses_at_once_are_counted_as_twenty(store: Store) -> None:
    code = await store.pairing.create(60, role=Role.OWNER)
    made: list[str] = []

    async def guess(text: str) -> None:
        with suppress(Unauthorized):
            made.append(await store.pairing.redeem(text, "guesser"))

    async with anyio.create_task_group() as tasks:
        for _ in range(20):
            tasks.start_soon(guess, wrong(code))
    await guess(code)
    assert made == []


async def test_of_two_who_redeem_at_once_one_gets_in(store: Store) -> None:
    code = await store.pairing.create(60, role=Role.OWNER)
    made: list[str] = []

    async def redeem(name: str) -> None:
        try:
            made.append(await store.pairing.redeem(code, name))
        except Unauthorized:
            made.append("")

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(redeem, "one")
        tasks.start_soon(redeem, "two")
    assert sorted(map(bool, made)) == [False, True]


async def test_a_name_that_is_taken_gets_a_number(store: Store) -> None:
    for _ in range(3):
        await store.pairing.redeem(await store.pairing.create(60, role=Role.ADULT), "x" * 64)
    assert len({token.name for token in await store.tokens.all()}) == 3
    await store.pairing.redeem(await store.pairing.create(60, role=Role.ADULT), "browser")
    await store.pairing.redeem(await store.pairing.create(60, role=Role.ADULT), "browser")
    assert {"browser", "browser 2"} <= {token.name for token in await store.tokens.all()}


async def test_a_bad_name_costs_neither_the_code_nor_a_guess(store: Store) -> None:
    code = await store.pairing.create(60, role=Role.ADULT)
    for _ in range(MAX_WRONG + 1):
        with pytest.raises(InvalidValue):
            await store.pairing.redeem(code, "\x00")
    assert await store.pairing.redeem(code, "phone")


async def test_a_code_can_be_for_a_person(store: Store) -> None:
    await store.principals.save(Principal("anna", "Anna", Role.ADULT))
    code = await store.pairing.create(60, role=Role.OWNER, principal="anna")
    speaker = await store.tokens.check(await store.pairing.redeem(code, "Anna's phone"))
    assert speaker == Principal("anna", "Anna", Role.ADULT)
    with pytest.raises(NotFound, match="zoe"):
        await store.pairing.create(60, role=Role.ADULT, principal="zoe")
