"""The tables of which rules the database was decided by; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, Identity, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from infra.table_names import metadata

rules_in_use = Table(
    "rules_in_use",
    metadata,
    Column("n", BigInteger, Identity(always=True), primary_key=True),
    Column("rules", JSONB, nullable=False, comment="digests of tables and register, calendar, profiles"),
    Column(
        "positions", JSONB, nullable=False, comment="by partition: events before this offset had other rules"
    ),
    Column("since", DateTime(timezone=True), nullable=False),
    comment="Each set of rules by which events were applied, the last one in use. Writer: worker, at its start.",
)

editions_in_use = Table(
    "editions_in_use",
    metadata,
    Column("edition", Text, primary_key=True, comment="digest of the days as the edition leaves them"),
    Column("known_from", DateTime(timezone=True), nullable=False),
    Column("seen_at", DateTime(timezone=True), nullable=False),
    comment="Editions of the calendar that a worker has read. Writer: worker, at its start.",
)
