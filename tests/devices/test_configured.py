from __future__ import annotations

from pathlib import Path

import pytest

from claw import settings
from claw.app import open_house
from claw.devices.configured import broker
from claw.errors import SettingsError
from claw.model.context import Context

CONTEXT = Context.new("settings")


async def test_a_configured_broker_is_a_device_and_its_login_a_secret(tmp_path: Path) -> None:
    async with open_house(settings.load(data=str(tmp_path), discovery=False)) as house:
        url = "mqtt://anna:p%40ss@127.0.0.1:1884"
        device = await broker(house.registry, house.store.secrets, url, CONTEXT)
        assert device.hosts == ("127.0.0.1",)
        assert device.announcements[0].port == 1884
        assert await house.store.secrets.get(f"mqtt:{device.id}") == "anna:p@ss"
        again = await broker(house.registry, house.store.secrets, url, CONTEXT)
        assert again.id == device.id
        assert "p@ss" not in repr(house.registry.devices)


async def test_one_without_a_login_needs_no_secret(tmp_path: Path) -> None:
    async with open_house(settings.load(data=str(tmp_path), discovery=False)) as house:
        device = await broker(house.registry, house.store.secrets, "mqtt://127.0.0.1", CONTEXT)
        assert device.announcements[0].port == 1883
        assert await house.store.secrets.get(f"mqtt:{device.id}") is None


@pytest.mark.parametrize("url", ["127.0.0.1:1883", "http://127.0.0.1", "mqtt://", "mqtt://127.0.0.1:port"])
async def test_nonsense_names_the_setting(tmp_path: Path, url: str) -> None:
    async with open_house(settings.load(data=str(tmp_path), discovery=False)) as house:
        with pytest.raises(SettingsError, match="CLAW_MQTT"):
            await broker(house.registry, house.store.secrets, url, CONTEXT)
