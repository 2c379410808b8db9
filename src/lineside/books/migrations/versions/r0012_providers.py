"""Accounts of people whom a provider of OpenID Connect knows, and how they showed it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the columns."""
    op.add_column("accounts", sa.Column("issuer", sa.Text()))
    op.add_column("accounts", sa.Column("subject", sa.Text()))
    op.create_index("uq_accounts_subject", "accounts", ["issuer", "subject"], unique=True)
    op.add_column("sessions", sa.Column("shown_by", sa.Text()))
