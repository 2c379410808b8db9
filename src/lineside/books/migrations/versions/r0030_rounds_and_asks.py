"""What a hub and its members remember: rounds, questions, conflicts, erased members, numbers, and who has the books."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds columns and tables; of sums before it nobody was asked, so that the next round waits for a yes."""
    op.add_column("member_sums", sa.Column("agreed", sa.JSON()))
    op.add_column("member_sums", sa.Column("least", sa.BigInteger()))
    op.add_column("member_sums", sa.Column("waits_ms", sa.BigInteger()))
    op.create_table(
        "hub_asked",
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("member", "nonce", name="pk_hub_asked"),
    )
    op.create_index("ix_hub_asked_until_ms", "hub_asked", ["until_ms"])
    op.add_column("review_conflicts", sa.Column("ended_by", sa.BigInteger()))
    op.add_column("review_conflicts", sa.Column("ended_why", sa.Text()))
    op.add_column("hub_members", sa.Column("erased_us", sa.BigInteger()))
    op.create_table(
        "hub_numbers",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("least", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "books_holder",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("holder", sa.Text(), nullable=False),
    )
