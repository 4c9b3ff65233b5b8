"""How much an installation weighs: a new virtual environment, Claw from this tree, without vision."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from tests.bench.figures import show

ROOT = Path(__file__).parent.parent.parent


def install(data: Path, stub: int) -> None:
    """Megabytes on disk, what pip and the environment bring along told apart. Needs a package index."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "venv"
        venv.create(place, with_pip=True)
        empty = _megabytes(place)
        words = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", str(ROOT)]
        subprocess.run(words, check=True, stdout=sys.stderr)
        show("install", whole_mb=_megabytes(place), claw_and_libraries_mb=round(_megabytes(place) - empty, 1))


def _megabytes(place: Path) -> float:
    files = (each for each in place.rglob("*") if each.is_file() and not each.is_symlink())
    return round(sum(each.stat().st_blocks * 512 for each in files) / 1e6, 1)
