"""Of whom a second factor is demanded, whether a provider said that it had asked for two, and how long labels keep."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table and the columns: of sessions begun before nobody has said it, and labels kept for no time."""
    op.create_table("second_factors", sa.Column("role", sa.Text(), primary_key=True))
    op.add_column("sessions", sa.Column("two_factors", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("labels", sa.Column("keep_days", sa.BigInteger()))
