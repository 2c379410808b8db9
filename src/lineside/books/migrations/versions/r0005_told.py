"""What an ERP tells: orders, products, costs and completions, and how its tables are read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their tables."""
    op.create_table(
        "told",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_told"),
        sa.UniqueConstraint("kind", "key", "version", name="uq_told_kind"),
    )
    op.create_table(
        "mappings",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("saved_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_mappings"),
    )


def downgrade() -> None:
    """Takes them away."""
    op.drop_table("mappings")
    op.drop_table("told")
