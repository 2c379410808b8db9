"""Rounds that were agreed to, questions that were answered, conflicts that ended, members that were erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds columns and a table; of sums before it nobody was asked, so that the next round waits for a yes."""
    op.add_column("member_sums", sa.Column("agreed", sa.JSON()))
    op.add_column("member_sums", sa.Column("least", sa.Integer()))
    op.add_column("member_sums", sa.Column("waits_ms", sa.BigInteger()))
    op.create_table(
        "hub_asked",
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member", "nonce", name="pk_hub_asked"),
    )
    op.create_index("ix_hub_asked_until_ms", "hub_asked", ["until_ms"])
    op.add_column("review_conflicts", sa.Column("ended_by", sa.Integer()))
    op.add_column("review_conflicts", sa.Column("ended_why", sa.Text()))
    op.add_column("hub_members", sa.Column("erased_us", sa.BigInteger()))
