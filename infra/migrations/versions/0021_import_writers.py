"""Say in the database that the console imports sheets too."""

from __future__ import annotations

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table_comment("import_jobs", "Sheets that units imported. Writers: gateway and console.")
    op.create_table_comment(
        "import_rows",
        "The rows of imported sheets and what became of each. Writers: gateway and console.",
    )
