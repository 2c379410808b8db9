"""A hub's register, what its members said, and what of it was not taken."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds the tables."""
    op.create_table(
        "hub_agreements",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_hub_agreements"),
    )
    op.create_table(
        "hub_invitations",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("again", sa.BigInteger()),
        sa.Column("used_us", sa.BigInteger()),
        sa.Column("member", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_hub_invitations"),
        sa.UniqueConstraint("digest", name="uq_hub_invitations_digest"),
        sa.ForeignKeyConstraint(
            ["agreement"], ["hub_agreements.sha256"], name="fk_hub_invitations_agreement_hub_agreements"
        ),
    )
    op.create_table(
        "hub_members",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("enrolled_us", sa.BigInteger(), nullable=False),
        sa.Column("admitted_us", sa.BigInteger()),
        sa.Column("ended_us", sa.BigInteger()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("into", sa.BigInteger()),
        sa.PrimaryKeyConstraint("number", name="pk_hub_members"),
    )
    _of_members()
    op.create_table(
        "hub_statements",
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("say", sa.Text(), nullable=False),
        sa.Column("month", sa.BigInteger()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.Column("remarks", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("member", "number", name="pk_hub_statements"),
        sa.UniqueConstraint("entry", name="uq_hub_statements_entry"),
    )
    op.create_table(
        "hub_objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("against", sa.Text(), nullable=False),
        sa.Column("subject", sa.JSON(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_us", sa.BigInteger(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("upheld", sa.Boolean()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger()),
        sa.Column("decided_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_hub_objections"),
        sa.ForeignKeyConstraint(["member"], ["hub_members.number"], name="fk_hub_objections_member_hub_members"),
    )
    op.create_index("ix_hub_objections_member", "hub_objections", ["member"])
    op.create_table(
        "hub_refused",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Boolean(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("other", sa.Text()),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("envelope", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_hub_refused"),
    )
    op.create_index("ix_hub_refused_member", "hub_refused", ["member"])


def _of_members() -> None:
    member = ["hub_members.number"]
    op.create_table(
        "hub_enrolments",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("agreement", sa.Text(), nullable=False),
        sa.Column("received_us", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("welcome", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_hub_enrolments"),
        sa.ForeignKeyConstraint(["member"], member, name="fk_hub_enrolments_member_hub_members"),
    )
    op.create_index("ix_hub_enrolments_member", "hub_enrolments", ["member"])
    op.create_table(
        "hub_keys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_hub_keys"),
        sa.UniqueConstraint("public", name="uq_hub_keys_public"),
        sa.ForeignKeyConstraint(["member"], member, name="fk_hub_keys_member_hub_members"),
    )
    op.create_index("ix_hub_keys_member", "hub_keys", ["member"])
    op.create_table(
        "hub_profiles",
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("profile", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("member", "version", name="pk_hub_profiles"),
    )
