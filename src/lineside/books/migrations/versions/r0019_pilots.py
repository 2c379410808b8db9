"""Pilots: plans as they were fixed, and what became of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "hub_pilots",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("month", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("fixed_us", sa.BigInteger(), nullable=False),
        sa.Column("fixed_by", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("cancelled_us", sa.BigInteger()),
        sa.Column("cancelled_by", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("cancelled_entry", sa.BigInteger()),
        sa.Column("judged_us", sa.BigInteger()),
        sa.Column("outcome", sa.LargeBinary()),
        sa.Column("told", sa.LargeBinary()),
        sa.Column("judged_entry", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_hub_pilots"),
        sa.UniqueConstraint("sha256", name="uq_hub_pilots_sha256"),
    )
