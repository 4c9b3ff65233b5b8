"""The structure's own tests: what starts, what is loaded, what is named how."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = sorted((ROOT / "claw").rglob("*.py"))
HEAVY = ("torch", "transformers", "cv2", "twilio", "soco", "alembic", "jsonschema", "aiohomekit")


def test_the_daemon_starts_without_anything_heavy() -> None:
    code = "import sys, claw.app; print(' '.join(m for m in sys.modules if '.' not in m))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not set(loaded) & set(HEAVY)


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text()
    assert len(text.splitlines()) <= 400
    if text.strip():
        assert ast.get_docstring(ast.parse(text))
    for word in ("Manager", "Helper", "Utils", "Handler"):
        classes = [n.name for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef)]
        assert not [c for c in classes if word in c]
