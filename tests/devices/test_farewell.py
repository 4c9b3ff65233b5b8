from __future__ import annotations

from pathlib import Path

import pytest

from claw.errors import NotFound
from claw.model.announcement import Announcement, Via
from claw.model.context import Context
from claw.protocols.hap import Hap
from tests.protocols.hap_zoo import CODE, Vault, zoo
from tests.support.living import living

CONTEXT = Context.new("test")


async def test_the_last_thing_takes_the_credential_with_it(tmp_path: Path) -> None:
    async with living(tmp_path) as home:
        thing = await home.adopt()
        device = home.house.registry.things[thing].device_id
        assert await home.house.store.secrets.get(f"http:{device}")
        await home.house.farewell.forget(thing, CONTEXT)
        assert await home.house.store.secrets.refs() == []
        assert thing not in home.house.registry.things
        assert await home.adopt() == thing  # and it comes back under its old name


async def test_what_is_not_there_cannot_go(tmp_path: Path) -> None:
    async with living(tmp_path) as home:
        with pytest.raises(NotFound, match="claw things"):
            await home.house.farewell.forget("nothing", CONTEXT)


@pytest.mark.real
async def test_a_homekit_bridge_is_unpaired_with_its_last_thing(tmp_path: Path) -> None:
    async with zoo(tmp_path) as bridge, living(tmp_path / "house") as home:
        fields = {"id": "31:AA:BB:CC:DD:02", "sf": "1"}
        heard = Announcement(Via.MDNS, "_hap._tcp", "Zoo", ("127.0.0.1",), bridge.port, fields)
        device = await home.house.registry.meet(heard, CONTEXT)
        assert device is not None
        adopted = await home.house.adoption.adopt(device.id, consent=False, code=CODE, context=CONTEXT)
        assert len(adopted.things) > 1
        *first, last = adopted.things
        for thing in first:
            await home.house.farewell.forget(thing.id, CONTEXT)
        assert await home.house.store.secrets.get(f"hap:{device.id}")
        await home.house.farewell.forget(last.id, CONTEXT)
        assert not await home.house.store.secrets.get(f"hap:{device.id}")
        other = Hap(Vault())
        await other.pair(bridge.endpoint, CODE)  # it is free for someone else
        await other.aclose()
