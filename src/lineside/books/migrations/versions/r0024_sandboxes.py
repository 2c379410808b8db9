"""Sandboxes, how their months were judged, and who looked at incidents, shared and closed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Adds their tables."""
    op.create_table(
        "hub_sandboxes",
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("follows", sa.BigInteger()),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("offered_us", sa.BigInteger(), nullable=False),
        sa.Column("offered_by", sa.Text(), nullable=False),
        sa.Column("agreed_us", sa.BigInteger()),
        sa.Column("statement", sa.BigInteger()),
        sa.Column("heard_entry", sa.BigInteger(), nullable=False),
        sa.Column("ended_us", sa.BigInteger()),
        sa.Column("ended_by", sa.Text()),
        sa.Column("why", sa.Text()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("report", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("number", name="pk_hub_sandboxes"),
        sa.UniqueConstraint("sha256", name="uq_hub_sandboxes_sha256"),
        sa.ForeignKeyConstraint(["member"], ["hub_members.number"], name="fk_hub_sandboxes_member_hub_members"),
    )
    for column in ("member", "state"):
        op.create_index(f"ix_hub_sandboxes_{column}", "hub_sandboxes", [column])
    op.create_table(
        "hub_sandbox_months",
        sa.Column("sandbox", sa.Integer(), nullable=False),
        sa.Column("month", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.BigInteger(), nullable=False),
        sa.Column("judged_us", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sandbox", "month", "edition", name="pk_hub_sandbox_months"),
        sa.ForeignKeyConstraint(
            ["sandbox"], ["hub_sandboxes.number"], name="fk_hub_sandbox_months_sandbox_hub_sandboxes"
        ),
    )
    op.create_table(
        "hub_incident_looks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("statement", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_incident_looks"),
        sa.ForeignKeyConstraint(["member"], ["hub_members.number"], name="fk_hub_incident_looks_member_hub_members"),
    )
    op.create_table(
        "hub_incident_shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("statement", sa.BigInteger(), nullable=False),
        sa.Column("concern", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_incident_shares"),
        sa.ForeignKeyConstraint(["member"], ["hub_members.number"], name="fk_hub_incident_shares_member_hub_members"),
    )
    op.create_table(
        "hub_incident_closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("statement", sa.BigInteger(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_hub_incident_closures"),
        sa.ForeignKeyConstraint(["member"], ["hub_members.number"], name="fk_hub_incident_closures_member_hub_members"),
    )
    for table in ("looks", "shares", "closures"):
        op.create_index(f"ix_hub_incident_{table}_member", f"hub_incident_{table}", ["member"])
