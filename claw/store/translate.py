"""The one place where database errors become ours."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import StatementError

from claw.errors import ClawError, InvalidValue, StoreCorrupt, StoreError, StoreFull, StoreLocked
from claw.store.url import Location

Rule = tuple[type[ClawError], str]

FULL: Rule = (StoreFull, "There is no room left for {where}. Free some space; everything confirmed so far is safe.")
DENIED: Rule = (StoreError, "Cannot open or write {where}: {why}. Check who owns it and its folder.")
UNREACHABLE: Rule = (StoreError, "Cannot reach {where}: {why}. Start PostgreSQL, or correct the database setting.")
FAILED: Rule = (StoreError, "{where} failed: {why}. Nothing was changed; try again, and look into the log.")
NOT_OURS: Rule = (
    StoreCorrupt,
    "{where} is no usable Claw database: {why}. It was left as it is; move it away, or put a backup in its place.",
)
BUSY: Rule = (
    StoreLocked,
    "{where} is locked by another program (a database browser, a backup). Close that program and try again.",
)
UNFIT: Rule = (InvalidValue, "{where} cannot keep this value: {why}.")

SQLITE: dict[int, Rule] = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_LOCKED: BUSY,
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_NOTADB: NOT_OURS,
    sqlite3.SQLITE_CORRUPT: NOT_OURS,
    sqlite3.SQLITE_READONLY: DENIED,
    sqlite3.SQLITE_CANTOPEN: DENIED,
    sqlite3.SQLITE_PERM: DENIED,
    sqlite3.SQLITE_AUTH: DENIED,
}
POSTGRES: dict[str, Rule] = {  # SQLSTATE or its class, the longer first
    "53100": FULL,
    "28000": UNREACHABLE,
    "28P01": UNREACHABLE,
    "3D000": (StoreError, "There is no such database as {where}. Create it (createdb), or correct the setting."),
    "42501": (StoreError, "This user may not write in {where}. Make it the owner of the database."),
    "22": UNFIT,
    "XX": (StoreCorrupt, "{where} reports damage: {why}. Restore a backup."),
}
SMALL = 128 * 1024  # bytes
FULL_ERRNO = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


@contextmanager
def translated(where: Location) -> Iterator[None]:
    """Turn whatever the database raises into the StoreError family; anything else passes."""
    try:
        yield
    except ClawError:
        raise
    except Exception as error:
        cause = error.orig if isinstance(error, StatementError) and isinstance(error.orig, Exception) else error
        if (rule := _rule(cause, where) or (UNFIT if cause is not error else None)) is None:
            raise
        raise say(rule, where, _line(cause)) from error


def say(rule: Rule, where: Location, why: str = "") -> ClawError:
    """The error for a person to act on."""
    kind, words = rule
    return kind(words.format(where=where, why=why))


def _rule(error: Exception, where: Location) -> Rule | None:
    if isinstance(error, sqlite3.Error):
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF  # the low byte is the primary code
        if code == sqlite3.SQLITE_IOERR and where.file and shutil.disk_usage(where.file.parent).free < SMALL:
            return FULL  # SQLite has no word for a full disk where it maps memory
        return SQLITE.get(code, FAILED)
    if state := getattr(error, "sqlstate", None):
        return POSTGRES.get(state) or POSTGRES.get(state[:2]) or FAILED
    if isinstance(error, OSError):
        unusable = UNREACHABLE if where.file is None else DENIED
        return FULL if error.errno in FULL_ERRNO else unusable
    if isinstance(error, UnicodeError):
        return UNFIT if isinstance(error, UnicodeEncodeError) else NOT_OURS
    return FAILED if type(error).__module__.startswith(("asyncpg", "sqlalchemy")) else None


def _line(error: Exception) -> str:
    if isinstance(error, TimeoutError) and not error.args:
        return "no answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return (str(error).splitlines() or [type(error).__name__])[0].strip(". ")
