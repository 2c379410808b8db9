"""Solution packs at a node: those that are kept, and those that were put to use."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "kept_packs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("came", sa.Text(), nullable=False),
        sa.Column("taken_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON()),
        sa.PrimaryKeyConstraint("sha256", name="pk_kept_packs"),
    )
    op.create_table(
        "applied_packs",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("before_sha256", sa.Text(), nullable=False),
        sa.Column("after_sha256", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("foreseen", sa.JSON()),
        sa.Column("cost_cny", sa.Double()),
        sa.Column("told", sa.BigInteger()),
        sa.Column("ended_us", sa.BigInteger()),
        sa.Column("ended_month", sa.Text()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.Column("ended_told", sa.BigInteger()),
        sa.Column("measured", sa.JSON()),
        sa.Column("measured_us", sa.BigInteger()),
        sa.ForeignKeyConstraint(["pack"], ["kept_packs.sha256"], name="fk_applied_packs_pack_kept_packs"),
    )
