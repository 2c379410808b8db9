"""Panels of members, and what a hub told of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "compare_panels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("from_month", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("k", sa.BigInteger(), nullable=False),
        sa.Column("c", sa.BigInteger(), nullable=False),
        sa.Column("dominance", sa.Double(), nullable=False),
        sa.Column("generated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_compare_panels"),
    )
    op.create_index("ix_compare_panels_family", "compare_panels", ["family"])
    op.create_table(
        "compare_blocks",
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("panel_id", "block", name="pk_compare_blocks"),
        sa.ForeignKeyConstraint(["panel_id"], ["compare_panels.id"], name="fk_compare_blocks_panel_id"),
    )
    op.create_table(
        "compare_seats",
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("panel_id", "place", name="pk_compare_seats"),
        sa.ForeignKeyConstraint(["panel_id"], ["compare_panels.id"], name="fk_compare_seats_panel_id"),
    )
    op.create_table(
        "compare_told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("panel_id", sa.Integer(), nullable=False),
        sa.Column("told_us", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("basis", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_compare_told"),
        sa.ForeignKeyConstraint(["panel_id"], ["compare_panels.id"], name="fk_compare_told_panel_id"),
        sa.UniqueConstraint("indicator", "month", "edition", name="uq_compare_told_indicator"),
    )
    op.create_table(
        "compare_public",
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("cell", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("error", sa.Double()),
        sa.Column("epsilon", sa.Double(), nullable=False),
        sa.Column("generated", sa.Double(), nullable=False),
        sa.Column("begun_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("period", "indicator", "cell", name="pk_compare_public"),
    )
