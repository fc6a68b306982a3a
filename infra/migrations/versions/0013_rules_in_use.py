"""Which rules and calendar editions are in use; what the audit chain takes of an event is said anew."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "rules_in_use",
        sa.Column("n", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column(
            "rules",
            postgresql.JSONB(),
            nullable=False,
            comment="digests of tables and register, calendar, profiles",
        ),
        sa.Column(
            "positions",
            postgresql.JSONB(),
            nullable=False,
            comment="by partition: events before this offset had other rules",
        ),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_rules_in_use")),
        comment="Each set of rules by which events were applied, the last one in use. Writer: worker, at its start.",
    )
    op.create_table(
        "editions_in_use",
        sa.Column(
            "edition", sa.Text(), nullable=False, comment="digest of the days as the edition leaves them"
        ),
        sa.Column("known_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("edition", name=op.f("pk_editions_in_use")),
        comment="Editions of the calendar that a worker has read. Writer: worker, at its start.",
    )
    for table, comment in (
        ("events", "SHA-256 over the link before and the event's leaf"),
        ("progress", "head of the audit chain; at first 32 zero bytes"),
    ):
        op.alter_column(
            table, "chain", existing_type=sa.LargeBinary(), existing_nullable=False, comment=comment
        )
