"""What importing the adapters costs: nothing heavy."""

from __future__ import annotations

import subprocess
import sys


def test_the_engine_loads_no_schema_library() -> None:
    code = (
        "import sys; from claw.adapters.library import library; import claw.adapters.match, claw.adapters.verify;"
        "library(); print([name for name in ('jsonschema', 'soco', 'aiohomekit', 'aiohttp') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
