"""Of which hub a node is a member, what it said there, and what that rests on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "memberships",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("hub", sa.Text(), nullable=False),
        sa.Column("hub_key", sa.Text(), nullable=False),
        sa.Column("invitation", sa.LargeBinary(), nullable=False),
        sa.Column("taken_us", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("profile", sa.JSON()),
        sa.Column("enrolment", sa.LargeBinary()),
        sa.Column("sent_us", sa.BigInteger()),
        sa.Column("welcome", sa.LargeBinary()),
        sa.Column("member", sa.BigInteger()),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("base_sha256", sa.Text()),
        sa.Column("admitted_us", sa.BigInteger()),
        sa.Column("said_us", sa.BigInteger()),
        sa.Column("problem", sa.JSON()),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.Column("next_us", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "member_statements",
        sa.Column("membership", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("say", sa.Text(), nullable=False),
        sa.Column("month", sa.Text()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("sent_us", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.JSON()),
        sa.PrimaryKeyConstraint("membership", "number", name="pk_member_statements"),
        sa.ForeignKeyConstraint(["membership"], ["memberships.id"], name="fk_member_statements_membership_memberships"),
    )
    op.create_table(
        "member_receipts",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("membership", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["membership"], ["memberships.id"], name="fk_member_receipts_membership_memberships"),
    )
    op.create_index("ix_member_receipts_statement", "member_receipts", ["membership", "number"])
    op.create_table(
        "member_evidence",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_member_evidence"),
    )
    op.create_table(
        "member_entered",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("value", sa.Double()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
    )
