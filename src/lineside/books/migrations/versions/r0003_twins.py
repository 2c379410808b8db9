"""Fitted twins."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "twins",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("start_us", sa.BigInteger(), nullable=False),
        sa.Column("end_us", sa.BigInteger(), nullable=False),
        sa.Column("twin", sa.JSON(), nullable=False),
        sa.Column("trust", sa.JSON(), nullable=True),
        sa.Column("today", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_twins"),
    )
    op.create_index("ix_twins_line", "twins", ["line"])


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("twins")
