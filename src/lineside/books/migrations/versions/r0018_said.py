"""What members say beside their months is found by its kind."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the index."""
    op.create_index("ix_hub_statements_say", "hub_statements", ["say", "entry"])
