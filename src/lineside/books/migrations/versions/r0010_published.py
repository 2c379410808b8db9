"""What was published, and budgets of privacy."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their tables."""
    op.create_table(
        "told_sums",
        sa.Column("id", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("release", "recipient", "label", "measure")),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("where", sa.JSON(), nullable=False),
        sa.Column("contributions", sa.JSON(), nullable=False),
        sa.Column("mixed", sa.Boolean(), nullable=False),
        sa.Column("told_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_told_sums"),
    )
    op.create_table(
        "privacy_budgets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("spent", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_budgets"),
        sa.UniqueConstraint("name", name="uq_privacy_budgets_name"),
        sa.CheckConstraint("spent >= 0 AND spent <= total", name="ck_privacy_budgets_within"),
    )
    op.create_table(
        "privacy_spendings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("budget_id", sa.Integer(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("epsilon", sa.BigInteger(), nullable=False),
        sa.Column("spent_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_privacy_spendings"),
        sa.ForeignKeyConstraint(["budget_id"], ["privacy_budgets.id"], name="fk_privacy_spendings_budget_id"),
    )
    op.create_index("ix_privacy_spendings_budget_id", "privacy_spendings", ["budget_id"])
