"""The tables of exchanges between units; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from infra.table_names import metadata

_time = DateTime(timezone=True)

exchanges = Table(
    "exchanges",
    metadata,
    Column("case_id", Uuid, nullable=False),
    Column("track", Text, nullable=False, comment="code of the side track"),
    Column("number", Text, nullable=False, comment="what the events of the exchange are put together by"),
    Column("viewer", Text, nullable=False, comment="the unit that sees it so; empty: who sees everything"),
    Column("state", Text, nullable=False),
    Column("waits", Boolean, nullable=False, comment="whether somebody still has to act"),
    Column("opener", Text, nullable=False),
    Column("turn", ARRAY(Text), nullable=False, comment="the units that have to act"),
    Column("opened_at", _time, nullable=False),
    Column("moved_at", _time, nullable=False, comment="when it came to this state"),
    Column("first_source", Text, nullable=False),
    Column("first_id", Text, nullable=False),
    PrimaryKeyConstraint("case_id", "track", "number", "viewer"),
    Index("ix_exchanges_viewer", "viewer", "waits", "opened_at"),
    comment="Consultations, obstacle leads and interventions, a row for each who sees them: an index over `events`. "
    "Writer: console, when somebody asks.",
)

exchange_progress = Table(
    "exchange_progress",
    metadata,
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False, comment="events before this are looked through"),
    comment="How far `exchanges` reaches. Writer: console.",
)
