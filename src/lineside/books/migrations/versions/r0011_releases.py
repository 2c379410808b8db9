"""Releases, who allowed them, what left by them, and whether the valve is closed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their tables."""
    op.create_table(
        "releases",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("things", sa.JSON(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("closed_us", sa.BigInteger()),
        sa.Column("closed_by", sa.BigInteger()),
        sa.Column("closed_key", sa.Text()),
        sa.Column("closed_fields", sa.JSON()),
        sa.PrimaryKeyConstraint("id", name="pk_releases"),
    )
    op.create_table(
        "approvals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.BigInteger(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_approvals"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_approvals_release_id_releases"),
    )
    op.create_index("ix_approvals_release_id", "approvals", ["release_id"])
    op.create_table(
        "left",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("hour_us", sa.BigInteger(), nullable=False),
        sa.Column("parcels", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("largest", sa.BigInteger(), nullable=False),
        sa.Column("chain", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("release_id", "hour_us", name="pk_left"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_left_release_id_releases"),
    )
    op.create_table(
        "last_left",
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("release_id", "what", name="pk_last_left"),
        sa.ForeignKeyConstraint(["release_id"], ["releases.id"], name="fk_last_left_release_id_releases"),
    )
    op.create_table(
        "valve",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("by", sa.BigInteger()),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_valve"),
    )
