"""Alembic's entry: the connection, and the transaction it is in, come from `claw.store.revisions.upgrade`."""

from __future__ import annotations

from alembic import context

from claw.store.revisions import VERSION_TABLE
from claw.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,  # SQLite alters a table by copying it
)
with context.begin_transaction():
    context.run_migrations()
