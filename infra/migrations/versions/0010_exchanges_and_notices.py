"""Exchanges between units as a list, and notices with their files and receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)
_texts = postgresql.ARRAY(sa.Text())


def upgrade() -> None:
    _exchanges()
    _notices()
    op.create_table(
        "notice_receipts",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("read_at", _time, nullable=False, comment="when the person said so first"),
        sa.PrimaryKeyConstraint("notice_id", "user", name=op.f("pk_notice_receipts")),
        comment="Who of which unit has read which notice. Only added to. Writer: console.",
    )


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("track", sa.Text(), nullable=False, comment="code of the side track"),
        sa.Column(
            "number",
            sa.Text(),
            nullable=False,
            comment="what the events of the exchange are put together by",
        ),
        sa.Column(
            "viewer",
            sa.Text(),
            nullable=False,
            comment="the unit that sees it so; empty: who sees everything",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("waits", sa.Boolean(), nullable=False, comment="whether somebody still has to act"),
        sa.Column("opener", sa.Text(), nullable=False),
        sa.Column("turn", _texts, nullable=False, comment="the units that have to act"),
        sa.Column("opened_at", _time, nullable=False),
        sa.Column("moved_at", _time, nullable=False, comment="when it came to this state"),
        sa.Column("first_source", sa.Text(), nullable=False),
        sa.Column("first_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "track", "number", "viewer", name=op.f("pk_exchanges")),
        comment="Consultations, obstacle leads and interventions, a row for each who sees them: an index over "
        "`events`. Writer: console, when somebody asks.",
    )
    op.create_index("ix_exchanges_viewer", "exchanges", ["viewer", "waits", "opened_at"], unique=False)
    op.create_table(
        "exchange_progress",
        sa.Column("partition", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "next_offset", sa.BigInteger(), nullable=False, comment="events before this are looked through"
        ),
        sa.PrimaryKeyConstraint("partition", name=op.f("pk_exchange_progress")),
        comment="How far `exchanges` reaches. Writer: console.",
    )


def _notices() -> None:
    op.create_table(
        "notices",
        sa.Column(
            "notice_id",
            sa.Uuid(),
            nullable=False,
            comment="follows from what was published, by whom and when",
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="notice | bulletin | training"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False, comment="name of the console user"),
        sa.Column("unit", sa.Text(), comment="the author's unit; null: an operator"),
        sa.Column("units", _texts, nullable=False, comment="addressed to these units"),
        sa.Column("roles", _texts, nullable=False, comment="and to every unit of these kinds"),
        sa.Column("published_at", _time, nullable=False),
        sa.Column("withdrawn_at", _time, comment="null: it stands"),
        sa.Column("withdrawn_by", sa.Text()),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_notices")),
        comment="Notices to units. Withdrawn, never deleted; no fold of the log: keep it. Writer: console.",
    )
    op.create_index("ix_notices_published_at", "notices", ["published_at"], unique=False)
    op.create_table(
        "notice_files",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("n", sa.SmallInteger(), nullable=False),
        sa.Column(
            "digest",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the content, which is in the store",
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False, comment="bytes"),
        sa.PrimaryKeyConstraint("notice_id", "n", name=op.f("pk_notice_files")),
        comment="What is attached to notices. Writer: console.",
    )
    op.create_index("ix_notice_files_digest", "notice_files", ["digest"], unique=False)
