"""Appeals against decisions on objections, and the statements with remarks found without reading the others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_ODD = sa.text("json_array_length(remarks) > 0")


def upgrade() -> None:
    """Adds the table and the index."""
    op.create_table(
        "hub_appeals",
        sa.Column("objection", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("raised_us", sa.BigInteger(), nullable=False),
        sa.Column("raised_by", sa.Text(), nullable=False),
        sa.Column("upheld", sa.Boolean()),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger()),
        sa.Column("decided_by", sa.Text()),
        sa.PrimaryKeyConstraint("objection", name="pk_hub_appeals"),
        sa.ForeignKeyConstraint(["objection"], ["hub_objections.id"], name="fk_hub_appeals_objection_hub_objections"),
    )
    op.create_index("ix_hub_statements_odd", "hub_statements", ["entry"], sqlite_where=_ODD, postgresql_where=_ODD)
