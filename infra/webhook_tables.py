"""The tables of webhooks and what is sent to them; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

from infra.table_names import metadata

_time = DateTime(timezone=True)

webhooks = Table(
    "webhooks",
    metadata,
    Column("webhook_id", Uuid, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False, comment="signs what is sent; shown to the unit once"),
    Column("types", ARRAY(Text), nullable=False, comment="only these event types; empty: all"),
    Column("fields", ARRAY(Text), nullable=False, comment="only these fields (领域); empty: all"),
    Column("state", Text, nullable=False, comment="pending, active, paused or removed"),
    Column("cursor", BigInteger, nullable=False, comment="numbers of the feed up to here are queued"),
    Column("created_at", _time, nullable=False),
    Column("confirmed_at", _time, comment="when the receiver answered the handshake"),
    Column("failures", Integer, nullable=False, comment="failures in a row"),
    Column("open_until", _time, comment="nothing is sent before; null: the receiver fares well"),
    Column("answer", Text, nullable=False, comment="what the last try came to"),
    Index("ix_webhooks_unit", "unit"),
    comment="Who wants to have its feed sent, and where. Writers: gateway registers, the webhook process the rest.",
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    Column("webhook_id", Uuid, nullable=False),
    Column("seq", BigInteger, nullable=False, comment="number in the feed of the webhook's unit"),
    Column("case_id", Uuid, nullable=False),
    Column("state", Text, nullable=False, comment="queued, delivered or failed"),
    Column("attempts", Integer, nullable=False),
    Column("due_at", _time, nullable=False, comment="next try; a try under way is due when its lease ends"),
    Column("expires_at", _time, nullable=False),
    Column("attempted_at", _time),
    Column("answer", Text, nullable=False, comment="what the last try came to"),
    PrimaryKeyConstraint("webhook_id", "seq"),
    Index("ix_webhook_deliveries_failed", "seq", postgresql_where="state = 'failed'"),
    Index(
        "ix_webhook_deliveries_queued", "webhook_id", "case_id", "seq", postgresql_where="state = 'queued'"
    ),
    comment="What is sent to each webhook, a projection of the feed's numbers. Writer: the webhook process.",
)
