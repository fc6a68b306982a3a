"""Reconciliations, and up to where each topic was compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliations",
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="everything accepted before was compared",
        ),
        sa.Column("by", sa.Text(), nullable=False, comment="clock, or who asked for it"),
        sa.Column("records", sa.BigInteger(), nullable=False, comment="records read from the broker for it"),
        sa.Column(
            "positions",
            postgresql.JSONB(),
            nullable=False,
            comment="topic/partition: compared before this offset",
        ),
        sa.Column("found", sa.Integer(), nullable=False, comment="number of differences"),
        sa.Column(
            "differences",
            postgresql.JSONB(),
            nullable=False,
            comment="[{check, unit, count, example}, …]",
        ),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_reconciliations")),
        comment="What was held against what, and what differed; rows are only ever added. Writer: reconciliation.",
    )
    op.create_table(
        "reconciled",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column(
            "next_offset",
            sa.BigInteger(),
            nullable=False,
            comment="everything before was compared, and fitted",
        ),
        sa.Column(
            "reached",
            sa.BigInteger(),
            nullable=False,
            comment="of the log: events before that offset; of a feed: the highest number; otherwise 0",
        ),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_reconciled")),
        comment="Up to where each topic was held against the database without a difference. Writer: reconciliation.",
    )
