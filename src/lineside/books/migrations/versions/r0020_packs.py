"""Solution packs with their drafts, the groups they are told by, and answers to needs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their tables."""
    _drafts()
    op.create_table(
        "packs",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("draft", sa.BigInteger(), nullable=False),
        sa.Column("published_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("withdrawn_us", sa.BigInteger()),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_packs"),
        sa.UniqueConstraint("pack", "edition", name="uq_packs_pack"),
    )
    op.create_table(
        "pack_groups",
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("members", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("pack", name="pk_pack_groups"),
    )
    op.create_table(
        "pack_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("pack", sa.Text()),
        sa.Column("draft", sa.BigInteger()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_pack_offers"),
    )
    op.create_index("ix_pack_offers_member", "pack_offers", ["member"])


def _drafts() -> None:
    op.create_table(
        "pack_drafts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pack", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pack_drafts"),
    )
    op.create_index("ix_pack_drafts_pack", "pack_drafts", ["pack"])
    op.create_table(
        "pack_revisions",
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("draft_id", "number", name="pk_pack_revisions"),
        sa.ForeignKeyConstraint(["draft_id"], ["pack_drafts.id"], name="fk_pack_revisions_draft_id_pack_drafts"),
    )
