"""What a hub's authorities ask of a factory, and who looked at its incidents, as the node knows it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "member_overseen",
        sa.Column("membership", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=True),
        sa.Column("known_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("membership", "sha256", name="pk_member_overseen"),
        sa.ForeignKeyConstraint(["membership"], ["memberships.id"], name="fk_member_overseen_membership_memberships"),
    )
    op.create_table(
        "member_looks",
        sa.Column("membership", sa.Integer(), nullable=False),
        sa.Column("incident", sa.BigInteger(), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("membership", "incident", "at_ms", "who", name="pk_member_looks"),
        sa.ForeignKeyConstraint(["membership"], ["memberships.id"], name="fk_member_looks_membership_memberships"),
    )
    op.create_table(
        "member_fetches",
        sa.Column("membership", sa.Integer(), nullable=False),
        sa.Column("asked_us", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("membership", name="pk_member_fetches"),
        sa.ForeignKeyConstraint(["membership"], ["memberships.id"], name="fk_member_fetches_membership_memberships"),
    )
