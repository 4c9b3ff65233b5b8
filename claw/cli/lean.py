"""Loading the daemon's libraries without the work that they do ahead of need (docs/adr/0010-start-up.md)."""

from __future__ import annotations

import gc
import os
import ssl
import sys
import warnings
from types import ModuleType
from typing import Any, cast

from claw.cli.brisk import brisk

# Modules that FastAPI only asks whether a class is one of theirs; a missing one means no, by its own account.
UNUSED = ("pydantic.v1",)


class LateContext(ssl.SSLContext):
    """Reads the system's certificates at its first connection: 20 ms and 2 MB each that most houses never need."""

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:  # noqa: ANN401 - handed on as it came
        """Start TLS."""
        if not self.cert_store_stats()["x509_ca"]:
            super().set_default_verify_paths()
        return super().wrap_bio(*args, **options)

    def load_default_certs(self, purpose: ssl.Purpose = ssl.Purpose.SERVER_AUTH) -> None:
        """Later."""

    def set_default_verify_paths(self) -> None:
        """Later."""


def prepare() -> None:
    """From here on, imports leave for later what they can; the collector is off until serving turns it on."""
    gc.disable()  # collecting during the imports costs a fifth of the start
    brisk()
    for name in UNUSED:
        sys.modules.setdefault(name, cast("ModuleType", None))
    # looking for plug-ins of Pydantic reads the metadata of every installed package; Claw has none
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # noqa: TID251 - said, not read
    _aiohttp()
    # FastAPI's forty models of OpenAPI are built when somebody asks for the reference; what a text needs says so
    from pydantic import BaseModel  # noqa: PLC0415 - loaded only when the daemon really runs

    BaseModel.model_config["defer_build"] = True
    # FastAPI silences this while it builds a route's fields; built later, they would say it on the screen
    from pydantic.warnings import UnsupportedFieldAttributeWarning  # noqa: PLC0415 - as above

    warnings.simplefilter("ignore", UnsupportedFieldAttributeWarning)


def _aiohttp() -> None:
    """Load aiohttp, which makes two TLS contexts as it is imported; ours never use them (devices are pinned)."""
    eager = ssl.SSLContext.load_default_certs, ssl.SSLContext.set_default_verify_paths
    made: list[ssl.SSLContext] = []

    def later(context: ssl.SSLContext, *_: object) -> None:
        made.append(context)

    ssl.SSLContext.load_default_certs = later  # type: ignore[assignment,method-assign]
    ssl.SSLContext.set_default_verify_paths = later  # type: ignore[assignment,method-assign]
    try:
        import aiohttp  # noqa: F401, PLC0415 - loaded only when the daemon really runs
    finally:
        ssl.SSLContext.load_default_certs = eager[0]  # type: ignore[method-assign]
        del ssl.SSLContext.set_default_verify_paths
    for context in made:
        context.__class__ = LateContext
