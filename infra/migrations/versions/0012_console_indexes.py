"""Indexes of the console: open clocks by due time, missed ones, cases by who opened them, numbers by event."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = "state IN ('running', 'paused', 'breached')"
_MISSED = "state IN ('breached', 'met-late') OR breach_withdrawn"


def upgrade() -> None:
    op.create_index("ix_clocks_open_due", "clocks", ["due_to", "clock_id"], postgresql_where=_OPEN)
    op.create_index("ix_clocks_missed", "clocks", ["holder", "due_to"], postgresql_where=_MISSED)
    op.create_index("ix_cases_opened", "cases", ["origin_unit", "opened_at"])
    op.create_index("ix_feed_positions_place", "feed_positions", ["partition", "log_offset"])
