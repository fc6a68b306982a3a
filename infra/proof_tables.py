"""The table of signed heads; `infra.tables` has it with all the others."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)

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
