"""Where somebody logged in, so that they know their sessions apart and end the one that is not theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; of sessions begun before it is not known."""
    op.add_column("sessions", sa.Column("address", sa.Text()))
    op.add_column("sessions", sa.Column("browser", sa.Text()))
