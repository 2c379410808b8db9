"""Secure sums of a hub, and what a node keeps of those that it takes part in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "hub_sums",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("sha256", sa.Text(), nullable=False, unique=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("total", sa.Double()),
        sa.Column("members", sa.BigInteger()),
        sa.Column("ended_us", sa.BigInteger()),
        sa.Column("why", sa.Text(), nullable=False),
    )
    op.create_table(
        "hub_sum_rounds",
        sa.Column("sum", sa.Integer(), sa.ForeignKey("hub_sums.id"), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False, unique=True),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("closes_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sum", "attempt", name="pk_hub_sum_rounds"),
    )
    op.create_table(
        "member_sums",
        sa.Column("sha256", sa.Text(), primary_key=True),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), nullable=False),
        sa.Column("closes_ms", sa.BigInteger(), nullable=False),
    )
