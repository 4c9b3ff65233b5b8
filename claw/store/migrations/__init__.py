"""Alembic's scripts, one per schema revision; `claw.store.revisions` lists them and runs them."""
