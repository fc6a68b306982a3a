"""index of clocks by due time, for the console's board."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_clocks_due", "clocks", ["due_to", "clock_id"], unique=False)
