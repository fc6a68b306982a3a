"""The tables of notices; `infra.tables` has them with all the others."""

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
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from infra.table_names import metadata

_time = DateTime(timezone=True)

notices = Table(
    "notices",
    metadata,
    Column("notice_id", Uuid, primary_key=True, comment="follows from what was published, by whom and when"),
    Column("kind", Text, nullable=False, comment="notice | bulletin | training"),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("author", Text, nullable=False, comment="name of the console user"),
    Column("unit", Text, comment="the author's unit; null: an operator"),
    Column("units", ARRAY(Text), nullable=False, comment="addressed to these units"),
    Column("roles", ARRAY(Text), nullable=False, comment="and to every unit of these kinds"),
    Column("published_at", _time, nullable=False),
    Column("withdrawn_at", _time, comment="null: it stands"),
    Column("withdrawn_by", Text),
    Column("withdrawn_reason", Text, nullable=False),
    Index("ix_notices_published_at", "published_at"),
    comment="Notices to units. Withdrawn, never deleted; no fold of the log: keep it. Writer: console.",
)

notice_files = Table(
    "notice_files",
    metadata,
    Column("notice_id", Uuid, nullable=False),
    Column("n", SmallInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the content, which is in the store"),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False, comment="bytes"),
    PrimaryKeyConstraint("notice_id", "n"),
    Index("ix_notice_files_digest", "digest"),
    comment="What is attached to notices. Writer: console.",
)

notice_receipts = Table(
    "notice_receipts",
    metadata,
    Column("notice_id", Uuid, nullable=False),
    Column("user", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("read_at", _time, nullable=False, comment="when the person said so first"),
    PrimaryKeyConstraint("notice_id", "user"),
    comment="Who of which unit has read which notice. Only added to. Writer: console.",
)
