"""What a factory agreed to in a secure sum: with whom, and with how many at least."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns; of sums before it nobody was asked, so that the next round waits for a yes."""
    op.add_column("member_sums", sa.Column("agreed", sa.JSON()))
    op.add_column("member_sums", sa.Column("least", sa.Integer()))
    op.add_column("member_sums", sa.Column("waits_ms", sa.BigInteger()))
