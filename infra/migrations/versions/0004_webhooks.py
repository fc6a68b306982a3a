"""webhooks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "webhooks",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False, comment="signs what is sent; shown to the unit once"),
        sa.Column("types", ARRAY(sa.Text()), nullable=False, comment="only these event types; empty: all"),
        sa.Column("fields", ARRAY(sa.Text()), nullable=False, comment="only these fields (领域); empty: all"),
        sa.Column("state", sa.Text(), nullable=False, comment="pending, active, paused or removed"),
        sa.Column(
            "cursor", sa.BigInteger(), nullable=False, comment="numbers of the feed up to here are queued"
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "confirmed_at",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when the receiver answered the handshake",
        ),
        sa.Column("failures", sa.Integer(), nullable=False, comment="failures in a row"),
        sa.Column(
            "open_until",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="nothing is sent before; null: the receiver fares well",
        ),
        sa.Column("answer", sa.Text(), nullable=False, comment="what the last try came to"),
        sa.PrimaryKeyConstraint("webhook_id", name=op.f("pk_webhooks")),
        comment="Who wants to have its feed sent, and where. Writers: gateway registers, the webhook process the rest.",
    )
    op.create_index("ix_webhooks_unit", "webhooks", ["unit"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("webhook_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, comment="number in the feed of the webhook's unit"),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False, comment="queued, delivered or failed"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="next try; a try under way is due when its lease ends",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False, comment="what the last try came to"),
        sa.PrimaryKeyConstraint("webhook_id", "seq", name=op.f("pk_webhook_deliveries")),
        comment="What is sent to each webhook, a projection of the feed's numbers. Writer: the webhook process.",
    )
    op.create_index(
        "ix_webhook_deliveries_queued",
        "webhook_deliveries",
        ["webhook_id", "case_id", "seq"],
        unique=False,
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index(
        "ix_webhook_deliveries_failed",
        "webhook_deliveries",
        ["seq"],
        unique=False,
        postgresql_where=sa.text("state = 'failed'"),
    )
