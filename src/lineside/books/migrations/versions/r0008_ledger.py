"""The ledger: its entries, the hashes of its subtrees, heads that are kept, and addresses by number."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds its tables."""
    op.create_table(
        "ledger_entries",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name="pk_ledger_entries"),
    )
    for column in ("time_us", "kind", "who"):
        op.create_index(f"ix_ledger_entries_{column}", "ledger_entries", [column])
    op.create_table(
        "ledger_nodes",
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number", name="pk_ledger_nodes"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ledger_heads",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("time_us", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_heads"),
    )
    op.create_index("ix_ledger_heads_size", "ledger_heads", ["size"])
    op.create_table(
        "ledger_addresses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("seen_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_addresses"),
        sa.UniqueConstraint("address", name="uq_ledger_addresses_address"),
    )


def downgrade() -> None:
    """Takes them away."""
    for table in ("ledger_addresses", "ledger_heads", "ledger_nodes", "ledger_entries"):
        op.drop_table(table)
