"""Sheets that units imported, and what became of their rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_time = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "import_jobs",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("headers", sa.Text(), nullable=False, comment="JSON list: the columns of the sheet"),
        sa.Column("state", sa.Text(), nullable=False, comment="checked | flawed | running | done"),
        sa.Column("created_at", _time, nullable=False),
        sa.Column(
            "claimed_until", _time, nullable=False, comment="a gateway works on it until then, unless it died"
        ),
        sa.Column("finished_at", _time, nullable=True),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_jobs")),
        comment="Sheets that units imported. Writer: gateway.",
    )
    op.create_index("ix_import_jobs_unit", "import_jobs", ["unit", "created_at"])
    op.create_index(
        "ix_import_jobs_running",
        "import_jobs",
        ["claimed_until"],
        postgresql_where=sa.text("state = 'running'"),
    )
    op.create_table(
        "import_rows",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="row of the sheet, from 1"),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column(
            "row_id",
            sa.Text(),
            nullable=False,
            comment="follows from the row's business key; empty: it has none",
        ),
        sa.Column(
            "event_id",
            sa.Text(),
            nullable=False,
            comment="what it says: the row's id, or that of a correction of it",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "cells",
            sa.Text(),
            nullable=True,
            comment="JSON list of texts, as the sheet had them; null: deleted after a time",
        ),
        sa.Column(
            "events",
            sa.Text(),
            nullable=True,
            comment="JSON list of what is still to be said, as POST /v1/events takes it",
        ),
        sa.Column("flaws", sa.Text(), nullable=False, comment="JSON list of [column, zh, en]"),
        sa.Column("said_at", _time, nullable=True),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_rows")),
        comment="The rows of imported sheets and what became of each. Writer: gateway.",
    )
    op.create_index(
        "ix_import_rows_said",
        "import_rows",
        ["unit", "row_id", "said_at"],
        postgresql_where=sa.text("said_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("import_rows")
    op.drop_table("import_jobs")
