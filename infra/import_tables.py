"""The tables of the office import; `infra.tables` has them with all the others."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, Index, Integer, PrimaryKeyConstraint, Table, Text, Uuid

from infra.table_names import metadata

_time = DateTime(timezone=True)

import_jobs = Table(
    "import_jobs",
    metadata,
    Column("import_id", Uuid, primary_key=True),
    Column("unit", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("filename", Text, nullable=False),
    Column("headers", Text, nullable=False, comment="JSON list: the columns of the sheet"),
    Column("state", Text, nullable=False, comment="checked | flawed | running | done"),
    Column("created_at", _time, nullable=False),
    Column(
        "claimed_until", _time, nullable=False, comment="a gateway works on it until then, unless it died"
    ),
    Column("finished_at", _time),
    Index("ix_import_jobs_unit", "unit", "created_at"),
    Index("ix_import_jobs_running", "claimed_until", postgresql_where="state = 'running'"),
    comment="Sheets that units imported. Writers: gateway and console.",
)

import_rows = Table(
    "import_rows",
    metadata,
    Column("import_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False, comment="row of the sheet, from 1"),
    Column("unit", Text, nullable=False),
    Column("row_id", Text, nullable=False, comment="follows from the row's business key; empty: it has none"),
    Column(
        "event_id", Text, nullable=False, comment="what it says: the row's id, or that of a correction of it"
    ),
    Column("state", Text, nullable=False),
    Column("cells", Text, comment="JSON list of texts, as the sheet had them; null: deleted after a time"),
    Column("events", Text, comment="JSON list of what is still to be said, as POST /v1/events takes it"),
    Column("flaws", Text, nullable=False, comment="JSON list of [column, zh, en]"),
    Column("said_at", _time),
    PrimaryKeyConstraint("import_id", "number"),
    Index("ix_import_rows_said", "unit", "row_id", "said_at", postgresql_where="said_at IS NOT NULL"),
    comment="The rows of imported sheets and what became of each. Writers: gateway and console.",
)
