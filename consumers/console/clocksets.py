"""Sets of clocks as the partial indexes of the database name them, so that it sees that an index has them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, literal_column

OPEN: ColumnElement[bool] = literal_column("clocks.state IN ('running', 'paused', 'breached')")
"""Somebody still has to do something about it. The condition of ix_clocks_open and ix_clocks_open_due."""
MISSED: ColumnElement[bool] = literal_column(
    "(clocks.state IN ('breached', 'met-late') OR clocks.breach_withdrawn)"
)
"""Missed, done since or not, or a flag that was taken back. The condition of ix_clocks_missed and its kin."""
