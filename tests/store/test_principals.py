from __future__ import annotations

import pytest
from sqlalchemy import text

from claw.errors import InvalidValue, StoreCorrupt, UsageError
from claw.model.principal import Principal, Role
from claw.store import Store

ANNA = Principal("anna", "Anna", Role.OWNER, ("whatsapp:+441234", "cli:local"))
BEN = Principal("ben", "Ben", Role.GUEST, ("telegram:7",))


async def test_people_are_found_by_address_and_by_name(store: Store) -> None:
    await store.principals.save(ANNA)
    await store.principals.save(BEN)
    assert await store.principals.all() == [ANNA, BEN]
    assert await store.principals.by_address("whatsapp:+441234") == ANNA
    assert await store.principals.by_address("telegram:7") == BEN
    assert await store.principals.find(" anna ") == ANNA
    assert await store.principals.find("Zoe") is None


@pytest.mark.parametrize("address", ["", "whatsapp:+44", "WHATSAPP:+441234", "whatsapp:+441234\x00", "\ud800"])
async def test_an_unknown_address_is_nobody(store: Store, address: str) -> None:
    await store.principals.save(ANNA)
    assert await store.principals.by_address(address) is None


async def test_people_survive_reopening_with_the_order_of_their_addresses(url: str) -> None:
    async with await Store.open(url) as store:
        await store.principals.save(ANNA)
    async with await Store.open(url) as store:
        assert await store.principals.all() == [ANNA]
        assert await store.principals.by_address("cli:local") == ANNA


async def test_a_dropped_address_is_forgotten(url: str) -> None:
    async with await Store.open(url) as store:
        await store.principals.save(ANNA)
        await store.principals.save(Principal("anna", "Anna", Role.ADULT, ("cli:local",)))
        assert await store.principals.by_address("whatsapp:+441234") is None
    async with await Store.open(url) as store:
        assert await store.principals.all() == [Principal("anna", "Anna", Role.ADULT, ("cli:local",))]


async def test_an_address_belongs_to_one_person(store: Store) -> None:
    await store.principals.save(ANNA)
    with pytest.raises(UsageError, match="already the address of Anna"):
        await store.principals.save(Principal("eve", "Eve", Role.OWNER, ("cli:local",)))
    with pytest.raises(UsageError, match="twice"):
        await store.principals.save(Principal("eve", "Eve", Role.OWNER, ("a:1", "a:1")))
    assert await store.principals.all() == [ANNA]


async def test_two_people_of_one_name_are_found_by_neither(store: Store) -> None:
    await store.principals.save(ANNA)
    await store.principals.save(Principal("anna-2", "anna", Role.GUEST))
    assert await store.principals.find("Anna") is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "An\x00na", "An\u202ena", "\ud800"])
async def test_a_name_that_nobody_can_type_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InvalidValue, match="printable"):
        await store.principals.save(Principal("x", name, Role.GUEST))


async def test_deleting_a_person_takes_their_tokens(url: str) -> None:
    async with await Store.open(url) as store:
        await store.principals.save(ANNA)
        token = await store.tokens.create("Anna's phone", Role.OWNER, "anna")
        code = await store.pairing.create(60, role=Role.OWNER, principal="anna")
        await store.principals.delete("anna")
        await store.principals.delete("never-met")
        await store.principals.save(ANNA)  # somebody new with the old id gets nothing of it
        assert await store.tokens.check(token) is None
        assert await store.tokens.all() == []
        with pytest.raises(Exception, match="code"):
            await store.pairing.redeem(code, "phone")
    async with await Store.open(url) as store:
        assert await store.tokens.check(token) is None


async def test_a_role_that_nobody_knows_refuses_the_start(url: str) -> None:
    async with await Store.open(url) as store:
        await store.principals.save(ANNA)
        await store.database.write(lambda c: c.execute(text("UPDATE principals SET role = 'king'")).close())
    for _ in range(2):  # the refused start let the database go
        with pytest.raises(StoreCorrupt, match=r"person 'Anna'.*king"):
            await Store.open(url)
