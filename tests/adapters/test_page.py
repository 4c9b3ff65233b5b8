"""The page of products is what the library says, today."""

from __future__ import annotations

from pathlib import Path

from claw.adapters import page
from claw.adapters.library import library
from tests.adapters import captures

ROOT = Path(__file__).parents[2]


def test_the_page_is_fresh() -> None:
    fresh = page.page(captures.FOLDER)
    assert (ROOT / page.PAGE).read_text("utf-8") == fresh, "stale: run `python -m claw.adapters.page`"


def test_every_product_is_on_it_with_its_level() -> None:
    text = page.page(captures.FOLDER)
    for adapter in library().values():
        assert f"| {adapter.title} |" in text
    assert text.count("| 3 replay |") == len(library())
