"""How often a job was begun; editions lose the note nobody wrote."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the one column and drops the other."""
    op.add_column("jobs", sa.Column("starts", sa.BigInteger(), nullable=False, server_default="0"))
    op.drop_column("editions", "note")


def downgrade() -> None:
    """Takes both back."""
    op.add_column("editions", sa.Column("note", sa.Text(), nullable=False, server_default=""))
    op.drop_column("jobs", "starts")
