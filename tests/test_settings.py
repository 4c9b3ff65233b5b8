from __future__ import annotations

from pathlib import Path

import pytest

from claw import settings
from claw.errors import SettingsError


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATA", "HOST", "PORT", "DATABASE", "MQTT", "INTERFACES"):
        monkeypatch.delenv(f"CLAW_{name}", raising=False)


def test_defaults_are_safe(tmp_path: Path) -> None:
    loaded = settings.load(data=str(tmp_path))
    assert (loaded.host, loaded.port) == ("127.0.0.1", 8400)
    assert loaded.database_url == f"sqlite+aiosqlite:///{tmp_path}/claw.db"


def test_flags_win_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CLAW_PORT", "9000")
    monkeypatch.setenv("CLAW_DATA", str(tmp_path))
    monkeypatch.setenv("CLAW_INTERFACES", "127.0.0.1,::1")
    monkeypatch.setenv("CLAW_DATABASE", "postgresql://claw@localhost/claw")
    assert settings.load().port == 9000
    assert settings.load(port=0).port == 0
    assert settings.load().data == tmp_path
    assert settings.load().interfaces == ("127.0.0.1", "::1")
    assert settings.load(interfaces=("127.0.0.2",)).interfaces == ("127.0.0.2",)
    assert settings.load().database_url == "postgresql://claw@localhost/claw"


@pytest.mark.parametrize("port", ["eighty", "-1", "70000"])
def test_a_wrong_port_names_the_variable(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("CLAW_PORT", port)
    with pytest.raises(SettingsError, match="CLAW_PORT"):
        settings.load()


def test_without_a_word_the_data_lives_in_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert settings.load().data == tmp_path / ".local" / "share" / "claw"
