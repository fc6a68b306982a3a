"""Keep where the event that started a clock stands: who may see the clock is known without reading the event."""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"

_MISSED = "state IN ('breached', 'met-late') OR breach_withdrawn"


def upgrade() -> None:
    op.execute("ALTER TABLE clocks ADD COLUMN started_offset bigint")
    op.execute(
        "UPDATE clocks c SET started_offset = e.log_offset FROM events e "
        "WHERE e.source = c.started_source AND e.event_id = c.started_id"
    )
    op.execute("ALTER TABLE clocks ALTER COLUMN started_offset SET NOT NULL")
    op.execute("COMMENT ON COLUMN clocks.started_offset IS 'of that event, in the same partition'")
    op.execute(
        "ALTER TABLE feed_entries DROP CONSTRAINT pk_feed_entries, "
        "ADD CONSTRAINT pk_feed_entries PRIMARY KEY (partition, log_offset, n) INCLUDE (unit)"
    )
    op.create_index("ix_clocks_missed_due", "clocks", ["due_to", "clock_id"], postgresql_where=_MISSED)
