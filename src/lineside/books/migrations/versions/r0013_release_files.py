"""What became of the files of releases, period by period."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the table."""
    op.create_table(
        "release_files",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("from_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text()),
        sa.Column("fields", sa.JSON()),
        sa.PrimaryKeyConstraint("release_id", "period", name="pk_release_files"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_release_files_release_id_releases"),
    )
