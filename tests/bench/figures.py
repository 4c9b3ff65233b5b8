"""Percentiles and the line that a benchmark prints."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence


def spread(seconds: Sequence[float]) -> dict[str, float]:
    """Milliseconds at the usual percentiles."""
    ordered = sorted(seconds)

    def at(fraction: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(fraction * len(ordered)))] * 1000, 2)

    return {"n": len(ordered), "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1)}


def show(name: str, **figures: object) -> None:
    """One JSON line, with the machine's load beside it."""
    print(json.dumps({"bench": name, "load1": round(os.getloadavg()[0], 2), **figures}), flush=True)
