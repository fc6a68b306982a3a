"""channels, matters and messages of notifications; whom an identity provider knows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="mail | webhook | robot"),
        sa.Column("address", sa.Text(), nullable=False, comment="mail address, URL, or key of the robot"),
        sa.Column("secret", sa.Text(), nullable=False, comment="signs what a webhook is sent; else empty"),
        sa.Column(
            "unit",
            sa.Text(),
            nullable=True,
            comment="whose matters it tells; null: everybody's, for operators",
        ),
        sa.Column(
            "topics", postgresql.ARRAY(sa.Text()), nullable=False, comment="overdue, soon, parked, deliveries"
        ),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column(
            "quiet", sa.Boolean(), nullable=False, comment="true: in office hours of the calendar only"
        ),
        sa.Column(
            "digest_minutes", sa.Integer(), nullable=False, comment="collects so long; 0: tells at once"
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), nullable=False, comment="what was so before is not told"
        ),
        sa.PrimaryKeyConstraint("channel_id", name=op.f("pk_channels")),
        comment="Where notifications go. Writer: console.",
    )
    op.create_table(
        "matters",
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column(
            "key", sa.Text(), nullable=False, comment="names the matter for good: told once on a channel"
        ),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False, comment="of the case; empty: of none"),
        sa.Column("path", sa.Text(), nullable=False, comment="of the console's page about it"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=True, comment="when it is due, or happened"),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True, comment="null: not in a message yet"),
        sa.PrimaryKeyConstraint("channel_id", "key", name=op.f("pk_matters")),
        comment="What is to be told on which channel. Writer: the notify process.",
    )
    op.create_index(
        "ix_matters_untold",
        "matters",
        ["channel_id", "found_at"],
        unique=False,
        postgresql_where="message_id IS NULL",
    )
    op.create_table(
        "messages",
        sa.Column("message_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False, comment="is sent as it stands here"),
        sa.Column("test", sa.Boolean(), nullable=False, comment="by the button: sent at any hour"),
        sa.Column("state", sa.Text(), nullable=False, comment="queued, delivered or failed"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "due_at",
            sa.DateTime(timezone=True),
            nullable=False,
            comment="next try; a try under way is due when its lease ends",
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False, comment="what the last try came to"),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_messages")),
        comment="Notifications as they are sent. Writers: console queues tests, the notify process the rest.",
    )
    op.create_index("ix_messages_channel", "messages", ["channel_id", "queued_at"], unique=False)
    op.create_index(
        "ix_messages_queued", "messages", ["due_at"], unique=False, postgresql_where="state = 'queued'"
    )
    op.create_table(
        "console_identities",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="the provider's unchanging name for the person"
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="of the person in console_users"),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_console_identities")),
        comment="Who signs in through an OpenID Connect provider. Writer: `linkage console user`.",
    )
