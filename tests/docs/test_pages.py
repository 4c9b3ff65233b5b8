"""Docs that can't rot: generated pages are fresh, settings and environment variables are all described."""

from __future__ import annotations

import dataclasses
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from claw.settings import Settings

ROOT = Path(__file__).parents[2]


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["capabilities.md", "errors.md", "cli.md", "api.md"])
def test_a_generated_page_is_fresh(name: str) -> None:
    made = generator().PAGES[name]()
    assert (ROOT / "docs" / "reference" / name).read_text() == made, "run: python docs/generate.py"


def test_every_setting_is_described() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text()
    for field in dataclasses.fields(Settings):
        assert f"`{field.name}`" in page, field.name
    read = set(re.findall(r"CLAW_[A-Z]+", (ROOT / "claw" / "settings.py").read_text()))
    assert read
    for variable in read:
        assert f"`{variable}`" in page, variable


def test_every_decision_is_a_page_with_a_number() -> None:
    pages = sorted((ROOT / "docs" / "adr").glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(numbers) + 1))
    for page in pages:
        decided = re.search(r"^(\*\*Decision\.?\*\*|## Decision)", page.read_text(), re.MULTILINE)
        assert decided, page.name
