"""jobs of operators over records that were not applied."""

# ruff: noqa: E501 - the tables' comments stand as they are

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_quarantine_event", "quarantine", ["source", "event_id"], unique=False)
    op.create_table(
        "redrive_jobs",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False, comment="redrive | release | return"),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="proposed | approved | done | stopped | rejected"
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by",
            sa.Text(),
            nullable=True,
            comment="who approved or rejected it; null: nobody had to, or has yet",
        ),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rate", sa.Integer(), nullable=False, comment="records a second at most"),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("job_id", name=op.f("pk_redrive_jobs")),
        comment="What operators want done with records that were not applied. No fold of the log: keep it. Writer: the redrive slice.",
    )
    op.create_table(
        "redrive_items",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False, comment="order within the job"),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column(
            "source", sa.Text(), nullable=True, comment="identity of the event, where one could be read"
        ),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state", sa.Text(), nullable=False, comment="waiting | sent | applied | failed | held | returned"
        ),
        sa.Column("outcome", sa.Text(), nullable=False, comment="reason code of a failure; empty: none"),
        sa.Column(
            "sent_behind",
            sa.BigInteger(),
            nullable=True,
            comment="no record of this sending stands before this offset of the log",
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "n", name=op.f("pk_redrive_items")),
        comment="The records of each job and how far each has come. Writer: the redrive slice.",
    )
    op.create_index(
        "ix_redrive_items_place", "redrive_items", ["topic", "partition", "log_offset"], unique=False
    )
    op.create_index("ix_redrive_items_event", "redrive_items", ["source", "event_id"], unique=False)
    op.create_table(
        "operator_actions",
        sa.Column("n", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operator", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="what it was done to: a job, a record"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_operator_actions")),
        comment="Who did or looked at what, when and why; rows are only ever added. Writer: the redrive slice.",
    )
