"""Where sources go on after a restart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their table."""
    op.create_table(
        "places",
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("peer", sa.JSON(), nullable=False),
        sa.Column("place", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_places"),
    )


def downgrade() -> None:
    """Takes it away."""
    op.drop_table("places")
