"""`claw adapter`: look at adapters, check a file, verify on the device, move documents in and out."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from urllib.parse import quote

from claw.cli.daemon import Daemon, add_data
from claw.cli.words import table
from claw.errors import UsageError
from claw.model.json import Json
from claw.model.level import Level, Receipt


def arguments(sub: argparse.ArgumentParser) -> None:
    """Declare the verbs."""
    verbs = sub.add_subparsers(dest="what", metavar="show|check|verify|export|import", required=True)
    show = verbs.add_parser("show", help="list the adapters, or show one")
    show.add_argument("id", nargs="?", help="an adapter's id, or the end of it")
    check = verbs.add_parser("check", help="check a document (and its capture) without a device or a daemon")
    check.add_argument("file")
    check.add_argument("--fixture", metavar="FILE", help="captured exchanges to replay")
    verify = verbs.add_parser("verify", help="prove a thing's adapter again on the device")
    verify.add_argument("thing")
    verify.add_argument("--yes", action="store_true", help="consent to experiments on harmless properties")
    export = verbs.add_parser("export", help="print a document")
    export.add_argument("id")
    bring = verbs.add_parser("import", help="check a document and keep it")
    bring.add_argument("file")
    for verb in (show, check, verify, export, bring):
        verb.add_argument("--json", action="store_true", help="print JSON")
        add_data(verb)


def run(options: argparse.Namespace) -> int:
    """Dispatch to the verb."""
    return {"show": _show, "check": _check, "verify": _verify, "export": _export, "import": _import}[options.what](
        options
    )


def _load(path: str) -> Json:
    try:
        document: Json = json.loads(Path(path).read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise UsageError(f"{path} is not JSON: {error}.") from error
    except RecursionError as error:
        raise UsageError(f"{path} is nested too deeply to be read.") from error
    return document


def _show(options: argparse.Namespace) -> int:
    daemon = Daemon.of(options.data)
    if options.id:
        return _export(options)
    found = daemon.call("GET", "/api/v1/adapters")
    if options.json:
        print(json.dumps(found, ensure_ascii=False))
        return 0
    adapters = found if isinstance(found, list) else []
    rows = [
        (a["id"].rpartition(":")[2], a["binding"], "made here" if a["made"] else "shipped", a["title"])
        for a in adapters
    ]
    print(table([("ADAPTER", "WIRE", "FROM", "TITLE"), *rows]))
    return 0


def _export(options: argparse.Namespace) -> int:
    document = Daemon.of(options.data).call("GET", f"/api/v1/adapters/{quote(options.id, safe='')}")
    print(json.dumps(document, ensure_ascii=False, indent=None if options.json else 2))
    return 0


def _import(options: argparse.Namespace) -> int:
    kept = Daemon.of(options.data).call("POST", "/api/v1/adapters", _load(options.file))
    print(
        json.dumps(kept, ensure_ascii=False)
        if options.json
        else f"Kept {kept['id'] if isinstance(kept, dict) else ''}."
    )
    return 0


def _verify(options: argparse.Namespace) -> int:
    path = f"/api/v1/things/{quote(options.thing, safe='')}/verify"
    result = Daemon.of(options.data).call("POST", path, {"yes": options.yes})
    if options.json or not isinstance(result, dict):
        print(json.dumps(result, ensure_ascii=False))
        return 0
    receipts = [
        Receipt(Level(r["level"]), r["passed"], r["detail"], r["at"], r["property"]) for r in result["receipts"]
    ]
    return _print(receipts)


def _check(options: argparse.Namespace) -> int:
    from claw.adapters import verify  # noqa: PLC0415 - only this verb needs the engine in this process
    from claw.adapters.document import parse  # noqa: PLC0415

    document = _load(options.file)
    if not isinstance(document, dict):
        raise UsageError(f"{options.file} is not an adapter: a document is a JSON object.")
    fixture = _load(options.fixture) if options.fixture else None
    receipts = verify.static(parse(document), fixture if isinstance(fixture, dict) else None)
    if options.json:
        print(json.dumps([{"level": int(r.level), "passed": r.passed, "detail": r.detail} for r in receipts]))
        return 0 if all(r.passed for r in receipts) else 1
    return _print(receipts)


def _print(receipts: list[Receipt] | tuple[Receipt, ...]) -> int:
    for receipt in receipts:
        mark = "ok  " if receipt.passed else "FAIL"
        what = f" {receipt.property}:" if receipt.property else ""
        print(f"{mark} {int(receipt.level)}{what} {receipt.detail}", file=sys.stdout)
    return 0 if all(receipt.passed for receipt in receipts) else 1
