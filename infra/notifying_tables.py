"""The tables of notifications: channels, what is to be told on each, and the messages that tell it."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from infra.table_names import metadata

_time = DateTime(timezone=True)

channels = Table(
    "channels",
    metadata,
    Column("channel_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="mail | webhook | robot"),
    Column("address", Text, nullable=False, comment="mail address, URL, or key of the robot"),
    Column("secret", Text, nullable=False, comment="signs what a webhook is sent; else empty"),
    Column("unit", Text, comment="whose matters it tells; null: everybody's, for operators"),
    Column("topics", ARRAY(Text), nullable=False, comment="overdue, soon, parked, deliveries"),
    Column("language", Text, nullable=False),
    Column("quiet", Boolean, nullable=False, comment="true: in office hours of the calendar only"),
    Column("digest_minutes", Integer, nullable=False, comment="collects so long; 0: tells at once"),
    Column("active", Boolean, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", _time, nullable=False, comment="what was so before is not told"),
    comment="Where notifications go. Writer: console.",
)

matters = Table(
    "matters",
    metadata,
    Column("channel_id", Uuid, nullable=False),
    Column("key", Text, nullable=False, comment="names the matter for good: told once on a channel"),
    Column("topic", Text, nullable=False),
    Column("number", Text, nullable=False, comment="of the case; empty: of none"),
    Column("path", Text, nullable=False, comment="of the console's page about it"),
    Column("at", _time, comment="when it is due, or happened"),
    Column("found_at", _time, nullable=False),
    Column("message_id", Uuid, comment="null: not in a message yet"),
    PrimaryKeyConstraint("channel_id", "key"),
    Index("ix_matters_untold", "channel_id", "found_at", postgresql_where="message_id IS NULL"),
    comment="What is to be told on which channel. Writer: the notify process.",
)

messages = Table(
    "messages",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("channel_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False, comment="is sent as it stands here"),
    Column("test", Boolean, nullable=False, comment="by the button: sent at any hour"),
    Column("state", Text, nullable=False, comment="queued, delivered or failed"),
    Column("attempts", Integer, nullable=False),
    Column("queued_at", _time, nullable=False),
    Column("due_at", _time, nullable=False, comment="next try; a try under way is due when its lease ends"),
    Column("expires_at", _time, nullable=False),
    Column("answer", Text, nullable=False, comment="what the last try came to"),
    Index("ix_messages_queued", "due_at", postgresql_where="state = 'queued'"),
    Index("ix_messages_channel", "channel_id", "queued_at"),
    comment="Notifications as they are sent. Writers: console queues tests, the notify process the rest.",
)
