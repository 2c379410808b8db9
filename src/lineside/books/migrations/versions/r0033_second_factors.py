"""Of whom a second factor is demanded, and whether a provider said of a session that it had asked for two."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table, and the column: of sessions begun before, nobody has said it."""
    op.create_table("second_factors", sa.Column("role", sa.String(), primary_key=True))
    op.add_column("sessions", sa.Column("two_factors", sa.Boolean(), nullable=False, server_default=sa.false()))
