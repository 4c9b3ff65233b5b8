"""Writes the reference pages that are made from the code: `python docs/generate.py` (a test fails when one is stale)."""

from __future__ import annotations

import argparse
import inspect
import sys
import tempfile
from pathlib import Path

import anyio

HERE = Path(__file__).parent / "reference"
sys.path.insert(0, str(HERE.parent.parent))
NOTE = "<!-- Made by docs/generate.py; edit the code instead. -->\n\n"


def capabilities() -> str:
    """The catalogue with the names that others use."""
    from claw.capabilities import catalog

    out = [
        "# Capabilities",
        "",
        NOTE,
        "Every property in human units, with what Matter, HomeKit, Home Assistant and Google call it.",
    ]
    out += [
        "Risk: *harmless* needs nobody's yes once the adapter is proved, *comfort* is open to adults, *secure* is confirmed each time.",
        "",
    ]
    for name in catalog.names():
        cap = catalog.capability(name)
        out += [f"## {name}", "", cap.description, ""]
        out += [
            f"Matter `{cap.names['matter']}` · HomeKit `{cap.names['hap']}` · Home Assistant `{cap.names['home_assistant']}` · Google `{cap.names['google']}`",
            "",
        ]
        out += [
            "| property | type | range | risk | Matter | HomeKit | Home Assistant | Google |",
            "|---|---|---|---|---|---|---|---|",
        ]
        for p in cap.properties.values():
            span = ", ".join(p.enum) or (
                f"{p.minimum:g} to {p.maximum:g}" if p.minimum is not None and p.maximum is not None else ""
            )
            kind = p.type + (", read only" if p.read_only else "") + (", optional" if p.name in cap.optional else "")
            risk = (
                ""
                if p.read_only
                else p.risk.name.lower()
                + (f" (harmless: {', '.join(str(v).lower() for v in p.safe_values)})" if p.safe_values else "")
                + (f" (secure outside {p.safe_range[0]:g} to {p.safe_range[1]:g})" if p.safe_range else "")
                + (" (secure when raised)" if p.safe_direction else "")
            )
            cells = [
                f"`{p.name}`",
                kind,
                f"{span} {p.unit}".strip(),
                risk,
                *(
                    f"`{n}`" if n else ""
                    for n in (p.matter, p.names["hap"], p.names["home_assistant"], p.names["google"])
                ),
            ]
            out.append("| " + " | ".join(cells) + " |")
        if cap.actions:
            out += ["", "Actions: " + ", ".join(f"`{a}`" for a in cap.actions) + "."]
        out.append("")
    return "\n".join(out)


def errors() -> str:
    """The tree, its codes and statuses."""
    from claw import errors as module

    classes = [c for _, c in inspect.getmembers(module, inspect.isclass) if issubclass(c, Exception)]
    classes.sort(key=lambda c: [k.__name__ for k in reversed(c.__mro__)])
    out = [
        "# Errors",
        "",
        NOTE,
        "Over HTTP each is an [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem with type `urn:claw:problem:<code>`;",
        "on the command line it is one line on stderr and exit code 1 (2 for wrong usage).",
        "",
    ]
    out += ["| error | code | HTTP | means |", "|---|---|---|---|"]
    for c in classes:
        depth = len(c.__mro__) - len(module.ClawError.__mro__)
        out.append(
            f"| {'&nbsp;' * 4 * depth}`{c.__name__}` | `{c.code}` | {c.status} | {(c.__doc__ or '').splitlines()[0]} |"
        )
    return "\n".join(out) + "\n"


def cli() -> str:
    """Every verb with its help."""
    from claw.cli import VERBS, parser

    out = [
        "# Command line",
        "",
        NOTE,
        "Exit codes: 0 done, 1 failed with one line on stderr, 2 wrong usage. `--json` never mixes prose into stdout.",
        "",
    ]
    root = parser()
    subs = next(a for a in root._actions if isinstance(a, argparse._SubParsersAction))
    for verb in VERBS:
        sub = subs.choices[verb]
        sub.formatter_class = lambda prog: argparse.HelpFormatter(prog, width=100)
        out += [f"## claw {verb}", "", "```text", sub.format_help().rstrip(), "```", ""]
    return "\n".join(out)


async def _openapi() -> dict:
    from claw import settings
    from claw.app import http, open_house

    with tempfile.TemporaryDirectory() as folder:
        async with open_house(settings.load(data=folder, discovery=False)) as house:
            return http(house).openapi()


def api() -> str:
    """Every route with what it takes and gives."""
    document = anyio.run(_openapi)
    out = [
        "# HTTP API",
        "",
        NOTE,
        "The OpenAPI document is at `/api/v1/openapi.json`. Send `Authorization: Bearer TOKEN`; `claw token create NAME` makes one.",
    ]
    out += [
        "Errors are RFC 9457 problems: see [errors](errors.md).",
        "",
        "| route | what | takes | gives |",
        "|---|---|---|---|",
    ]

    def shape(schema: dict) -> str:
        if "$ref" in schema:
            return f"`{schema['$ref'].rsplit('/', 1)[1]}`"
        return f"list of {shape(schema['items'])}" if schema.get("type") == "array" else ""

    for path, methods in document["paths"].items():
        for method, route in methods.items():
            takes = route.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            gives = next(
                (
                    r.get("content", {}).get("application/json", {}).get("schema", {})
                    for c, r in route["responses"].items()
                    if c.startswith("2")
                ),
                {},
            )
            words = route.get("description", "").splitlines()[0] if route.get("description") else ""
            out.append(
                f"| `{method.upper()} {path.replace('id_', 'id')}` | {words} | {shape(takes)} | {shape(gives)} |"
            )
    out += ["| `WS /api/v1/stream` | The live stream: see below. | | |", "", "## Shapes", ""]
    for name, schema in sorted(document["components"]["schemas"].items()):
        if name.endswith("ValidationError"):
            continue
        fields = ", ".join(f"`{key}`" for key in schema.get("properties", {})) or ", ".join(
            f"`{v}`" for v in schema.get("enum", [])
        )
        out.append(f"- **{name}**: {' '.join(schema.get('description', '').split())} {fields}")
    from claw.api import stream

    out += ["", "## The stream", "", inspect.getdoc(stream) or "", ""]
    return "\n".join(out)


PAGES = {"capabilities.md": capabilities, "errors.md": errors, "cli.md": cli, "api.md": api}


def main() -> None:
    """Write every page."""
    for name, make in PAGES.items():
        (HERE / name).write_text(make(), "utf-8")


if __name__ == "__main__":
    main()
