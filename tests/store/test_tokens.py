from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from claw.errors import InvalidValue, NotFound, UsageError
from claw.model.principal import Principal, Role
from claw.store import Store
from claw.store.tables import tokens
from tests.store import samples


async def test_a_token_stands_for_its_name_and_role(store: Store) -> None:
    token = await store.tokens.create("dashboard", Role.ADULT)
    assert await store.tokens.check(token) == Principal("token:dashboard", "dashboard", Role.ADULT)


async def test_tokens_survive_reopening(url: str) -> None:
    async with await Store.open(url) as store:
        token = await store.tokens.create("dashboard", Role.OWNER)
    async with await Store.open(url) as store:
        assert await store.tokens.check(token) == Principal("token:dashboard", "dashboard", Role.OWNER)


async def test_the_token_itself_is_kept_nowhere(store: Store) -> None:
    token = await store.tokens.create("dashboard", Role.ADULT)
    rows = await store.database.read(lambda connection: connection.execute(select(tokens)).all())
    assert token not in str(rows)
    assert rows[0].digest == hashlib.sha256(token.encode()).hexdigest()
    assert token not in repr(vars(store.tokens))


async def test_every_token_is_another_one(store: Store) -> None:
    made = {await store.tokens.create(f"t{n}", Role.GUEST) for n in range(5)}
    assert len(made) == 5
    assert {len(token) for token in made} == {48}


@samples.LAW
@given(guess=st.text(st.characters(exclude_categories=()), max_size=64))
async def test_anything_else_is_nobody(store: Store, guess: str) -> None:
    assert await store.tokens.check(guess) is None


async def test_a_token_with_one_letter_changed_is_nobody(store: Store) -> None:
    token = await store.tokens.create("dashboard", Role.ADULT)
    for place in (0, 5, 20, len(token) - 1):
        other = "A" if token[place] != "A" else "B"
        assert await store.tokens.check(token[:place] + other + token[place + 1 :]) is None
    assert await store.tokens.check(token) is not None


async def test_revoking_works_at_once_and_for_good(url: str) -> None:
    async with await Store.open(url) as store:
        token = await store.tokens.create("dashboard", Role.ADULT)
        kept = await store.tokens.create("phone", Role.ADULT)
        await store.tokens.revoke("dashboard")
        assert await store.tokens.check(token) is None
        with pytest.raises(NotFound, match="dashboard"):
            await store.tokens.revoke("dashboard")
    async with await Store.open(url) as store:
        assert await store.tokens.check(token) is None
        assert await store.tokens.check(kept) is not None


async def test_a_name_is_given_once(store: Store) -> None:
    first = await store.tokens.create("dashboard", Role.ADULT)
    with pytest.raises(UsageError, match="already"):
        await store.tokens.create(" dashboard ", Role.OWNER)
    assert [token.name for token in await store.tokens.all()] == ["dashboard"]
    assert await store.tokens.check(first) == Principal("token:dashboard", "dashboard", Role.ADULT)


async def test_a_name_that_nobody_can_read_is_refused(store: Store) -> None:
    with pytest.raises(InvalidValue):
        await store.tokens.create("a\x00b", Role.ADULT)


async def test_a_token_of_a_person_speaks_as_that_person_with_the_weaker_role(store: Store) -> None:
    anna = Principal("anna", "Anna", Role.ADULT, ("cli:local",))
    await store.principals.save(anna)
    strong = await store.tokens.create("laptop", Role.OWNER, "anna")
    weak = await store.tokens.create("fridge", Role.GUEST, "anna")
    assert await store.tokens.check(strong) == anna
    assert await store.tokens.check(weak) == Principal("anna", "Anna", Role.GUEST, ("cli:local",))
    await store.principals.save(Principal("anna", "Anna", Role.GUEST))
    demoted = await store.tokens.check(strong)
    assert demoted is not None
    assert demoted.role is Role.GUEST
    assert [(token.id, token.name) for token in await store.tokens.all()] == [("anna", "fridge"), ("anna", "laptop")]


async def test_a_token_for_nobody_is_refused(store: Store) -> None:
    with pytest.raises(NotFound, match="zoe"):
        await store.tokens.create("x", Role.ADULT, "zoe")
