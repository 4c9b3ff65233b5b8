"""The first tables."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    for name in ("devices", "things", "areas"):
        _table(name, sa.Column("id", sa.Text, nullable=False), _text("document"), key=("id",))
    _table(
        "adapters",
        _text("id"),
        sa.Column("revision", sa.Integer, autoincrement=False, nullable=False),
        _text("source"),
        sa.Column("at", sa.Double, nullable=False),
        _text("document"),
        key=("id", "revision"),
    )
    _table("principals", _text("id"), _text("name"), _text("role"), key=("id",))
    _table(
        "addresses",
        _text("address"),
        _text("principal"),
        sa.Column("position", sa.Integer, nullable=False),
        _person("addresses"),
        key=("address",),
    )
    op.create_index("ix_addresses_principal", "addresses", ["principal"])
    _table(
        "tokens",
        _text("name"),
        _text("digest"),
        _text("role"),
        sa.Column("principal", sa.Text),
        sa.Column("at", sa.Double, nullable=False),
        sa.UniqueConstraint("digest", name="uq_tokens_digest"),
        _person("tokens"),
        key=("name",),
    )
    _table(
        "pairing_codes",
        _text("digest"),
        _text("role"),
        sa.Column("principal", sa.Text),
        sa.Column("expires", sa.Double, nullable=False),
        sa.Column("wrong", sa.Integer, nullable=False),
        _person("pairing_codes"),
        key=("digest",),
    )
    _table("secrets", _text("ref"), _text("value"), key=("ref",))
    _journal()
    _table("meta", _text("key"), _text("value"), key=("key",))


def _journal() -> None:
    _table(
        "contexts",
        _text("id"),
        sa.Column("parent", sa.Text),
        _text("origin"),
        sa.Column("at", sa.Double, nullable=False),
        _text("detail"),
        key=("id",),
    )
    op.create_index("ix_contexts_parent", "contexts", ["parent"])
    op.create_index("ix_contexts_at", "contexts", ["at"])
    _table(
        "changes",
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        _text("context"),
        _text("thing"),
        _text("effect"),
        sa.ForeignKeyConstraint(["context"], ["contexts.id"], name="fk_changes_context"),
        key=("seq",),
    )
    op.create_index("ix_changes_at", "changes", ["at"])
    op.create_index("ix_changes_context", "changes", ["context"])
    op.create_index("ix_changes_thing", "changes", ["thing", "seq"])


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False)


def _person(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["principal"], ["principals.id"], name=f"fk_{table}_principal", ondelete="CASCADE")


def _table(name: str, *columns: sa.Column[Any] | sa.Constraint, key: tuple[str, ...]) -> None:
    op.create_table(name, *columns, sa.PrimaryKeyConstraint(*key, name=f"pk_{name}"))
