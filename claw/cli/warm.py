"""A quick start by plain means: nothing here changes what a library does."""

from __future__ import annotations

import gc
import os


def warm() -> None:
    """Prepare for loading the daemon. The collector is off until serving turns it on."""
    gc.disable()  # collecting during the imports costs a fifth of the start
    # looking for plug-ins of Pydantic reads the metadata of every installed package; Claw has none
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # noqa: TID251 - said, not read
