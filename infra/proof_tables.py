"""The tables of what proves the rest: signed heads and reconciliations; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import JSONB

from infra.table_names import metadata

signed_heads = Table(
    "signed_heads",
    metadata,
    Column("namespace", Text, nullable=False),
    Column("partition", SmallInteger, nullable=False),
    Column("next_offset", BigInteger, nullable=False, comment="covers the events before this offset"),
    Column("chain", LargeBinary, nullable=False, comment="events.chain of the last of them"),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Column("public_key", LargeBinary, nullable=False, comment="Ed25519"),
    Column("signature", LargeBinary, nullable=False),
    PrimaryKeyConstraint("partition", "signed_at", "next_offset"),
    Index("ix_signed_heads_signed_at", "signed_at"),
    comment="Where each partition's audit chain stood, signed. Writer: clock, or `linkage heads --sign`.",
)

reconciliations = Table(
    "reconciliations",
    metadata,
    Column("n", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, comment="everything accepted before was compared"),
    Column("by", Text, nullable=False, comment="clock, or who asked for it"),
    Column("records", BigInteger, nullable=False, comment="records read from the broker for it"),
    Column("positions", JSONB, nullable=False, comment="topic/partition: compared before this offset"),
    Column("found", Integer, nullable=False, comment="number of differences"),
    Column("differences", JSONB, nullable=False, comment="[{check, unit, count, example}, …]"),
    comment="What was held against what, and what differed; rows are only ever added. Writer: reconciliation.",
)

reconciled = Table(
    "reconciled",
    metadata,
    Column("topic", Text, nullable=False),
    Column("partition", Integer, nullable=False),
    Column("next_offset", BigInteger, nullable=False, comment="everything before was compared, and fitted"),
    Column(
        "reached",
        BigInteger,
        nullable=False,
        comment="of the log: events before that offset; of a feed: the highest number; otherwise 0",
    ),
    PrimaryKeyConstraint("topic", "partition"),
    comment="Up to where each topic was held against the database without a difference. Writer: reconciliation.",
)

feed_heads = Table(
    "feed_heads",
    metadata,
    Column("unit", Text, nullable=False),
    Column("upto", BigInteger, nullable=False, comment="covers the numbers 1 to this"),
    Column("digest", LargeBinary, nullable=False, comment="of these entries, see docs/feeds.md"),
    Column("log", LargeBinary, nullable=False, comment="SHA-256 over the heads of the log signed with it"),
    Column("namespace", Text, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    Column("public_key", LargeBinary, nullable=False, comment="Ed25519"),
    Column("signature", LargeBinary, nullable=False),
    Column("sent_at", DateTime(timezone=True), comment="null: not in the feed topic yet"),
    PrimaryKeyConstraint("unit", "signed_at", "upto"),
    Index("ix_feed_heads_unsent", "signed_at", postgresql_where="sent_at IS NULL"),
    comment="Where each feed stood, signed. Writer: clock, or `linkage heads --sign`; the relay marks.",
)
