from __future__ import annotations

import string
from pathlib import Path

import pytest

from claw.brains import soul
from claw.capabilities import catalog
from claw.errors import SettingsError


def test_the_voice_is_written_down() -> None:
    assert (soul.folder() / "SOUL.md").read_text("utf-8").startswith("# Soul")


def test_a_missing_soul_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(soul, "_PLACES", (tmp_path,))
    with pytest.raises(SettingsError, match="Install Claw again"):
        soul.folder()


def test_every_capability_has_a_noun_and_every_boolean_its_words() -> None:
    voice = soul.phrases()
    assert set(catalog.names()) <= set(voice.nouns)
    for name in catalog.names():
        for prop in catalog.capability(name).properties.values():
            if prop.type == "boolean":
                words = voice.states.get(prop.name)
                assert words is not None, f"{name}.{prop.name}"
                assert set(words) == {"true", "false"}


def test_templates_are_well_formed() -> None:
    for name, text in soul.phrases().templates.items():
        fields = [field for _, field, _, _ in string.Formatter().parse(text) if field is not None]
        assert all(field.isidentifier() for field in fields), name
