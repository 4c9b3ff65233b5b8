"""The house's long memory: SQLite by default, PostgreSQL by URL. Nothing outside this room knows SQL."""

from claw.store.store import Store

__all__ = ["Store"]
